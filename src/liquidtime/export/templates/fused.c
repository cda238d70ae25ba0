/* The fused Euler step: x+ = (x + h drive) / (1 + h decay). */
static int solver_step(memory_t *m, float h)
{
    drive_decay(m, m->x);
    for (int i = 0; i < H; i++)
        m->x[i] = (m->x[i] + h * m->drive[i]) / (1.0f + h * m->decay[i]);
    return 0;
}
