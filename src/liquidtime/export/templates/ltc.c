/* The liquid time-constant network (Hasani et al. 2021): dx/dt = drive - decay x with
 * drive = f A, decay = 1/tau + f. */
static void drive_decay(memory_t *m, const float *x)
{
    for (int i = 0; i < H; i++) {
        const float value = f(m, x, i);
        m->drive[i] = value * A[i];
        m->decay[i] = RATE[i] + value;
    }
}
