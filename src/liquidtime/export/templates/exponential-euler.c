/* Exponential Euler: the exact solution for drive and decay as they are at x. */
static int solver_step(memory_t *m, float h)
{
    drive_decay(m, m->x);
    for (int i = 0; i < H; i++)
        m->x[i] = exponential(m->x[i], m->drive[i], m->decay[i], h);
    return 0;
}
