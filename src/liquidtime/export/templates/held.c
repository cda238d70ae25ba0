/* Explicit steps can run away where h decay is large; the state stops at +-1e15, before a number is none. */
static float held(float x)
{
    return fminf(fmaxf(x, -1e15f), 1e15f);
}
