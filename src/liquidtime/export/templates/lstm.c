/* The long short-term memory: all four gates are W u + U h + b,
 *   c becomes sigmoid(forget) c + sigmoid(in) tanh(cell), h becomes sigmoid(out) tanh(c)
 * The state holds h and then c. */
static int advance(memory_t *m)
{
    float *const h = m->x, *const c = m->x + H;
    for (int g = 0; g < 4 * H; g++) {
        m->gates[g] = B_IH[g] + B_HH[g];
        for (int k = 0; k < I; k++)
            m->gates[g] += W_IH[g][k] * m->u[k];
        for (int j = 0; j < H; j++)
            m->gates[g] += W_HH[g][j] * h[j];
    }
    for (int i = 0; i < H; i++) {
        c[i] = sigmoid(m->gates[H + i]) * c[i] + sigmoid(m->gates[i]) * tangent(m->gates[2 * H + i]);
        h[i] = sigmoid(m->gates[3 * H + i]) * tangent(c[i]);
    }
    return 0;
}

static float output(const memory_t *m, int i)
{
    return m->x[i];
}
