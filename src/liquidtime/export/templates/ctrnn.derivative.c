/* How drive and decay of neuron i change with each y_j. */
static void derivative(memory_t *m, const float *y, int i)
{
    const float value = f(m, y, i), slope = 1.0f - value * value;
    for (int j = 0; j < H; j++) {
        m->d_drive[j] = slope * W_REC[i][j];
        m->d_decay[j] = 0.0f;
    }
}
