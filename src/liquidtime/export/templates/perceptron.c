/* The input's share of f, once per sample: W_in u + b. */
static void prepare(memory_t *m)
{
    for (int i = 0; i < H; i++) {
        m->share[i] = B[i];
        for (int k = 0; k < I; k++)
            m->share[i] += W_IN[i][k] * m->u[k];
    }
}

/* f_i(x, u) = $activation(W_in u + W_rec x + b). */
static float f(const memory_t *m, const float *x, int i)
{
    float z = m->share[i];
    for (int j = 0; j < H; j++)
        z += W_REC[i][j] * x[j];
    return $activation(z);
}
