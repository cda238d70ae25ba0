/* Cross the time since the sample before, in steps of h. */
static int advance(memory_t *m, float span)
{
    const float h = span / (float)SUBSTEPS;
    prepare(m);
    for (int n = 0; n < SUBSTEPS; n++) {
        if (solver_step(m, h) != 0)
            return 1;
    }
    return 0;
}

static float output(const memory_t *m, int i)
{
    return m->x[i];
}
