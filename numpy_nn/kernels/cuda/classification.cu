/* Softmax cross entropy, a block for each sample: its threads share the classes among them.

   THREADS is the size of a block, a power of two. */

/* The sum of a number of each thread, or the largest, for all of them: halves are folded, one on the other. */
__device__ REAL of_all(REAL mine, bool sum)
{
    __shared__ REAL numbers[THREADS];
    int thread = threadIdx.x;
    numbers[thread] = mine;
    __syncthreads();
    for (int half = THREADS / 2; half > 0; half /= 2) {
        if (thread < half) {
            REAL a = numbers[thread], b = numbers[thread + half];
            numbers[thread] = sum ? a + b : a > b ? a : b;
        }
        __syncthreads();
    }
    REAL result = numbers[0];
    __syncthreads(); /* before the next call writes there */
    return result;
}

/* loss = w (log s - (x_t - m)),  m = max x_c,  s = sum of e^(x_c - m); m, s and w are kept for the gradient. */
extern "C" __global__ void forward(const REAL *logits, const long long *targets, const REAL *weights,
                                   long long weighted, long long ignore, long long C,
                                   REAL *losses, REAL *largest, REAL *totals, REAL *shares)
{
    long long sample = blockIdx.x;
    const REAL *x = logits + sample * C;
    REAL m = x[0];
    for (long long c = threadIdx.x; c < C; c += THREADS)
        m = x[c] > m ? x[c] : m;
    m = of_all(m, false);
    REAL s = 0;
    for (long long c = threadIdx.x; c < C; c += THREADS)
        s += exp(x[c] - m);
    s = of_all(s, true);
    if (threadIdx.x == 0) {
        long long t = targets[sample];
        bool ignored = t == ignore;
        REAL w = ignored ? 0 : weighted ? weights[t] : 1;
        losses[sample] = ignored ? 0 : w * (log(s) - (x[t] - m));
        largest[sample] = m;
        totals[sample] = s;
        shares[sample] = w;
    }
}

/* dx_c = w dloss e^(x_c - m) / s - [c = t] w dloss;  dlosses has a number for each sample (step 1), or one for all (0). */
extern "C" __global__ void backward(const REAL *logits, const long long *targets, const REAL *largest,
                                    const REAL *totals, const REAL *shares, const REAL *dlosses, long long step,
                                    long long ignore, long long C, REAL *dlogits)
{
    long long sample = blockIdx.x, t = targets[sample];
    const REAL *x = logits + sample * C;
    REAL *dx = dlogits + sample * C;
    REAL scale = shares[sample] * dlosses[sample * step];
    for (long long c = threadIdx.x; c < C; c += THREADS) {
        REAL p = exp(x[c] - largest[sample]) / totals[sample];
        dx[c] = t == ignore ? 0 : c == t ? scale * p - scale : scale * p;
    }
}
