/* Exponential midpoint: half a step finds the middle, whose drive and decay carry the whole step. */
static int solver_step(memory_t *m, float h)
{
    drive_decay(m, m->x);
    for (int i = 0; i < H; i++)
        m->middle[i] = exponential(m->x[i], m->drive[i], m->decay[i], h / 2.0f);
    drive_decay(m, m->middle);
    for (int i = 0; i < H; i++)
        m->x[i] = exponential(m->x[i], m->drive[i], m->decay[i], h);
    return 0;
}
