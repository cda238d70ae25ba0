/* s_i = softmax over traces of -(scale - ln tau_i)^2. */
static void choose(float scale, float s[TRACES])
{
    float nearest = 0.0f, sum = 0.0f;
    for (int t = 0; t < TRACES; t++) {
        s[t] = -(scale - LOG_TAU[t]) * (scale - LOG_TAU[t]);
        nearest = t == 0 ? s[t] : fmaxf(nearest, s[t]);
    }
    for (int t = 0; t < TRACES; t++)
        sum += s[t] = expf(s[t] - nearest);
    for (int t = 0; t < TRACES; t++)
        s[t] /= sum;
}

/* The continuous-time GRU (Mozer et al. 2017): every neuron keeps traces that fade at fixed time constants tau;
 * gates choose at which scale it reads and at which it writes.
 *   trace_i decays by e^(-time / tau_i), then h = sum_i trace_i
 *   ln tau_R = W_R u + U_R h + b_R, ln tau_S = W_S u + U_S h + b_S
 *   q = tanh(W_Q u + U_Q (sum_i r_i trace_i) + b_Q)
 *   trace_i becomes (1 - s_i) trace_i + s_i q */
static int advance(memory_t *m, float span)
{
    float s[TRACES];
    for (int i = 0; i < H; i++) {
        m->h[i] = 0.0f;
        for (int t = 0; t < TRACES; t++) {
            m->x[i * TRACES + t] *= expf(-span * RATE[t]);
            m->h[i] += m->x[i * TRACES + t];
        }
    }
    for (int g = 0; g < 3 * H; g++) {
        m->share[g] = B[g];
        for (int k = 0; k < I; k++)
            m->share[g] += W[g][k] * m->u[k];
    }
    for (int g = 0; g < 2 * H; g++) {
        for (int j = 0; j < H; j++)
            m->share[g] += U_SCALES[g][j] * m->h[j];
    }
    for (int i = 0; i < H; i++) {
        choose(m->share[i], s);
        m->retrieved[i] = 0.0f;
        for (int t = 0; t < TRACES; t++)
            m->retrieved[i] += s[t] * m->x[i * TRACES + t];
    }
    for (int i = 0; i < H; i++) {
        float z = m->share[2 * H + i];
        for (int j = 0; j < H; j++)
            z += U_CANDIDATE[i][j] * m->retrieved[j];
        const float candidate = tangent(z);
        choose(m->share[H + i], s);
        for (int t = 0; t < TRACES; t++)
            m->x[i * TRACES + t] += s[t] * (candidate - m->x[i * TRACES + t]);
    }
    return 0;
}

static float output(const memory_t *m, int i)
{
    float sum = 0.0f;
    for (int t = 0; t < TRACES; t++)
        sum += m->x[i * TRACES + t];
    return sum;
}
