/* The neural ODE: dx/dt = drive - decay x with drive = f, decay = 0. */
static void drive_decay(memory_t *m, const float *x)
{
    for (int i = 0; i < H; i++) {
        m->drive[i] = f(m, x, i);
        m->decay[i] = 0.0f;
    }
}
