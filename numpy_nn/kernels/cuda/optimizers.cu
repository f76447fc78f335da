/* The rules of optimizers, one number of a parameter a thread. Numbers of a step are worked out by who launches. */

/* g <- g + decay p;  b <- g at first, then momentum b + fresh g;  p <- p - lr g, lr b or lr (g + momentum b) */
extern "C" __global__ void sgd(REAL *parameter, const REAL *gradient, REAL *velocity, REAL lr, REAL momentum,
                               REAL fresh, REAL decay, long long nesterov, long long first, long long n)
{
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n)
        return;
    REAL p = parameter[i], g = gradient[i];
    if (decay != 0)
        g += decay * p;
    if (momentum != 0) {
        REAL b = first ? g : momentum * velocity[i] + fresh * g;
        velocity[i] = b;
        g = nesterov ? g + momentum * b : b;
    }
    parameter[i] = p - lr * g;
}

/* p <- shrink p;  g <- g + decay p;  m <- beta1 m + rest g;  v <- beta2 v + fresh g^2;
   p <- p - step m / (sqrt(v) / root + eps), with amsgrad of the largest v so far */
extern "C" __global__ void adam(REAL *parameter, const REAL *gradient, REAL *mean, REAL *square, REAL *largest,
                                REAL shrink, REAL decay, REAL beta1, REAL rest, REAL beta2, REAL fresh,
                                REAL step, REAL root, REAL eps, long long amsgrad, long long n)
{
    long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n)
        return;
    REAL p = parameter[i], g = gradient[i];
    if (decay != 0)
        g += decay * p;
    REAL m = mean[i];
    m = beta1 > REAL(0.5) ? m + rest * (g - m) : g - beta1 * (g - m); /* from the nearer end */
    REAL v = beta2 * square[i] + fresh * g * g;
    mean[i] = m;
    square[i] = v;
    if (amsgrad) {
        v = largest[i] > v ? largest[i] : v;
        largest[i] = v;
    }
    parameter[i] = shrink * p - step * m / (sqrt(v) / root + eps);
}
