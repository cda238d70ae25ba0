/* How drive and decay of neuron i change with each y_j. */
static void derivative(memory_t *m, const float *y, int i)
{
    for (int j = 0; j < H; j++) {
        const float s = sigmoid(GAMMA[j][i] * y[j] + SHIFT[j][i]);
        const float slope = GAMMA[j][i] * s * (1.0f - s);
        m->d_drive[j] = WE[j][i] * slope;
        m->d_decay[j] = W[j][i] * slope;
    }
}
