/* (1 - e^-z) / z for z >= 0, and 1 at 0; below 1 its series, in which nothing cancels. */
static float phi(float z)
{
    if (z >= 1.0f)
        return (1.0f - expf(-z)) / z;
    float term = 1.0f, sum = 1.0f;
    for (int k = 2; k <= 11; k++) {
        term *= -z / (float)k;
        sum += term;
    }
    return sum;
}

/* The exact solution at h of dx/dt = drive - decay x, both held. */
static float exponential(float x, float drive, float decay, float h)
{
    return x + h * phi(h * decay) * (drive - decay * x);
}
