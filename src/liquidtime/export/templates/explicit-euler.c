/* Explicit Euler: x+ = x + h (drive - decay x). */
static int solver_step(memory_t *m, float h)
{
    drive_decay(m, m->x);
    for (int i = 0; i < H; i++)
        m->x[i] = held(m->x[i] + h * (m->drive[i] - m->decay[i] * m->x[i]));
    return 0;
}
