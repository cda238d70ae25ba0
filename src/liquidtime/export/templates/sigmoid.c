/* 1 / (1 + e^-z); an e^-z that overflows gives 0. */
static float sigmoid(float z)
{
    return 1.0f / (1.0f + expf(-z));
}
