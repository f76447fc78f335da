/* y = VALUE and dx = SLOPE, one number a thread.

   Both are expressions in x, dy and an option a; REAL is float or double. In single precision a double among them
   would cost a GPU more than everything else: constants are written REAL(0.5). */

__device__ REAL logistic(REAL x)
{
    return 1 / (1 + exp(-x)); /* e^-x may overflow: 1 / inf is 0 */
}

__device__ REAL normal_cdf(REAL x)
{
    return REAL(0.5) * erfc(-x * REAL(0.70710678118654752));
}

__device__ REAL normal_pdf(REAL x)
{
    return REAL(0.39894228040143268) * exp(REAL(-0.5) * x * x);
}

/* 2 u, where gelu takes (1 + tanh u) / 2 = logistic(2 u) for normal_cdf, and its slope. */
__device__ REAL twice_u(REAL x)
{
    return REAL(1.5957691216057308) * (x + REAL(0.044715) * x * x * x);
}

__device__ REAL twice_u_slope(REAL x)
{
    return REAL(1.5957691216057308) * (1 + REAL(0.134145) * x * x);
}

extern "C" __global__ void value(const REAL *xs, REAL *ys, REAL a, long long n)
{
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        REAL x = xs[i];
        ys[i] = VALUE;
    }
}

extern "C" __global__ void slope(const REAL *xs, const REAL *dys, REAL *dxs, REAL a, long long n)
{
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) {
        REAL x = xs[i], dy = dys[i];
        dxs[i] = SLOPE;
    }
}
