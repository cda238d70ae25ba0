/* The continuous-time recurrent network: dx/dt = drive - decay x with drive = f, decay = 1/tau. */
static void drive_decay(memory_t *m, const float *x)
{
    for (int i = 0; i < H; i++) {
        m->drive[i] = f(m, x, i);
        m->decay[i] = RATE[i];
    }
}
