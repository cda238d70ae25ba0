/* Predicted numbers in their own units: (W output + b) std + mean. */
static void read_out(const memory_t *m, float outputs[O])
{
    for (int o = 0; o < O; o++) {
        outputs[o] = HEAD_B[o];
        for (int i = 0; i < H; i++)
            outputs[o] += HEAD_W[o][i] * output(m, i);
        outputs[o] = outputs[o] * TARGET_STD[o] + TARGET_MEAN[o];
    }
}
