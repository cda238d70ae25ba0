/* The classical Runge-Kutta step: x+ = x + h/6 (k1 + 2 k2 + 2 k3 + k4), each k a slope. */
static int solver_step(memory_t *m, float h)
{
    for (int i = 0; i < H; i++)
        m->k[i] = m->sum[i] = 0.0f;
    for (int stage = 0; stage < 4; stage++) {
        const float reach = stage == 0 ? 0.0f : stage == 3 ? h : h / 2.0f;
        const float weight = stage == 0 || stage == 3 ? 1.0f : 2.0f;
        for (int i = 0; i < H; i++)
            m->y[i] = held(m->x[i] + reach * m->k[i]);
        drive_decay(m, m->y);
        for (int i = 0; i < H; i++) {
            m->k[i] = m->drive[i] - m->decay[i] * m->y[i];
            m->sum[i] += weight * m->k[i];
        }
    }
    for (int i = 0; i < H; i++)
        m->x[i] = held(m->x[i] + h / 6.0f * m->sum[i]);
    return 0;
}
