/* The gated recurrent unit: r and z are sigmoid(W u + b + U h + b'),
 *   n = tanh(W_n u + b_n + r (U_n h + b'_n)), h becomes (1 - z) n + z h */
static int advance(memory_t *m)
{
    for (int g = 0; g < 3 * H; g++) {
        m->from_input[g] = B_IH[g];
        m->from_state[g] = B_HH[g];
        for (int k = 0; k < I; k++)
            m->from_input[g] += W_IH[g][k] * m->u[k];
        for (int j = 0; j < H; j++)
            m->from_state[g] += W_HH[g][j] * m->x[j];
    }
    for (int i = 0; i < H; i++) {
        const float r = sigmoid(m->from_input[i] + m->from_state[i]);
        const float z = sigmoid(m->from_input[H + i] + m->from_state[H + i]);
        const float n = tangent(m->from_input[2 * H + i] + r * m->from_state[2 * H + i]);
        m->x[i] = n + z * (m->x[i] - n);
    }
    return 0;
}

static float output(const memory_t *m, int i)
{
    return m->x[i];
}
