/* y - G(y) for implicit Euler in its well-scaled form y = G(y) = (x + h drive(y)) / (1 + h decay(y)); its size. */
static float residual(memory_t *m, const float *y, float h, float *r)
{
    float size = 0.0f;
    drive_decay(m, y);
    for (int i = 0; i < H; i++) {
        m->value[i] = (m->x[i] + h * m->drive[i]) / (1.0f + h * m->decay[i]);
        r[i] = y[i] - m->value[i];
        size = fmaxf(size, fabsf(r[i]));
    }
    return size;
}

/* The derivative of the residual at y, whose value and decay are at hand. */
static void jacobian(memory_t *m, const float *y, float h)
{
    for (int i = 0; i < H; i++) {
        derivative(m, y, i);
        for (int j = 0; j < H; j++)
            m->matrix[i][j] = (i == j ? 1.0f : 0.0f)
                - h * (m->d_drive[j] - m->value[i] * m->d_decay[j]) / (1.0f + h * m->decay[i]);
    }
}

/* Gauss with pivoting: the direction d with matrix d = r, in place. */
static int solve(memory_t *m)
{
    for (int c = 0; c < H; c++) {
        int pivot = c;
        for (int i = c + 1; i < H; i++) {
            if (fabsf(m->matrix[i][c]) > fabsf(m->matrix[pivot][c]))
                pivot = i;
        }
        if (m->matrix[pivot][c] == 0.0f)
            return 1;
        for (int j = c; j < H; j++) {
            const float swapped = m->matrix[c][j];
            m->matrix[c][j] = m->matrix[pivot][j];
            m->matrix[pivot][j] = swapped;
        }
        const float swapped = m->direction[c];
        m->direction[c] = m->direction[pivot];
        m->direction[pivot] = swapped;
        for (int i = c + 1; i < H; i++) {
            const float factor = m->matrix[i][c] / m->matrix[c][c];
            for (int j = c + 1; j < H; j++)
                m->matrix[i][j] -= factor * m->matrix[c][j];
            m->direction[i] -= factor * m->direction[c];
        }
    }
    for (int i = H - 1; i >= 0; i--) {
        for (int j = i + 1; j < H; j++)
            m->direction[i] -= m->matrix[i][j] * m->direction[j];
        m->direction[i] /= m->matrix[i][i];
    }
    return 0;
}

/* Implicit Euler: x+ = x + h (drive(x+) - decay(x+) x+), by Newton with a damped step. */
static int solver_step(memory_t *m, float h)
{
    const float tolerance = 16.0f * 1.1920929e-07f;
    for (int i = 0; i < H; i++)
        m->y[i] = m->x[i];
    float size = residual(m, m->y, h, m->r);
    for (int n = 0; n <= ITERATIONS; n++) {
        float largest = 0.0f;
        for (int i = 0; i < H; i++)
            largest = fmaxf(largest, fabsf(m->y[i]));
        if (size <= tolerance * (1.0f + largest)) {
            for (int i = 0; i < H; i++)
                m->x[i] = m->y[i];
            return 0;
        }
        jacobian(m, m->y, h);
        for (int i = 0; i < H; i++)
            m->direction[i] = m->r[i];
        if (solve(m) != 0)
            return 1;
        float damping = 1.0f, after = size;
        for (int halving = 0; halving < 20; halving++) {
            for (int i = 0; i < H; i++)
                m->trial[i] = m->y[i] - damping * m->direction[i];
            after = residual(m, m->trial, h, m->r);
            if (after <= (1.0f - 1e-4f * damping) * size)
                break;
            damping /= 2.0f;
        }
        for (int i = 0; i < H; i++)
            m->y[i] = m->trial[i];
        size = after;
    }
    return 1;
}
