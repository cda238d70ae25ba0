/* Probabilities: softmax(W output + b). */
static void read_out(const memory_t *m, float outputs[O])
{
    float most = 0.0f, sum = 0.0f;
    for (int o = 0; o < O; o++) {
        outputs[o] = HEAD_B[o];
        for (int i = 0; i < H; i++)
            outputs[o] += HEAD_W[o][i] * output(m, i);
        most = o == 0 ? outputs[o] : fmaxf(most, outputs[o]);
    }
    for (int o = 0; o < O; o++)
        sum += outputs[o] = expf(outputs[o] - most);
    for (int o = 0; o < O; o++)
        outputs[o] /= sum;
}
