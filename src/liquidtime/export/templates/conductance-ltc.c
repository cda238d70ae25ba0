/* The LTC in its conductance form (Hasani et al. 2021): dx/dt = drive - decay x with
 *   decay_i = (g_leak,i + sum_j w_ji s_ji) / C_i
 *   drive_i = (g_leak,i E_leak,i + sum_j w_ji s_ji E_ji) / C_i
 *   s_ji = sigmoid(gamma_ji v_j + shift_ji), j over neurons (v = x) and inputs (v = u)
 * What leak and inputs add is the same throughout a sample. */
static void prepare(memory_t *m)
{
    for (int i = 0; i < H; i++) {
        m->drive_prepared[i] = LEAK_DRIVE[i];
        m->decay_prepared[i] = LEAK_DECAY[i];
        for (int k = 0; k < I; k++) {
            const float s = sigmoid(IN_GAMMA[k][i] * m->u[k] + IN_SHIFT[k][i]);
            m->drive_prepared[i] += IN_WE[k][i] * s;
            m->decay_prepared[i] += IN_W[k][i] * s;
        }
    }
}

static void drive_decay(memory_t *m, const float *x)
{
    for (int i = 0; i < H; i++) {
        m->drive[i] = m->drive_prepared[i];
        m->decay[i] = m->decay_prepared[i];
        for (int j = 0; j < H; j++) {
            const float s = sigmoid(GAMMA[j][i] * x[j] + SHIFT[j][i]);
            m->drive[i] += WE[j][i] * s;
            m->decay[i] += W[j][i] * s;
        }
    }
}
