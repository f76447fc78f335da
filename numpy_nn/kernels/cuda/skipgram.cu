/* A step of Skip-gram with negative sampling, in two launches: what is added is worked out before any of it is added.

   A block of text has L contexts and OUTPUTS outputs, of which the first CENTERS are its centres and the others noise;
   centre j is context j + window. The output matrix is kept at half its size, so that t = tanh(s / 2) is that of the
   product itself. Rows of both matrices have D numbers. */

/* a_jk of a centre and a context of its sentence, by their distance; -r_k of a noise word and a centre; else 0. */
__device__ REAL weight(long long j, long long k, long long window, const long long *sentences, const REAL *shares,
                       const REAL *repulsion)
{
    if (j < CENTERS) {
        long long place = j + window, distance = k > place ? k - place : place - k;
        return distance <= window && sentences[place] == sentences[k] ? shares[distance] : 0;
    }
    long long center = k - window;
    return 0 <= center && center < CENTERS ? repulsion[center] : 0;
}

/* G = a (1 - t), -r (1 + t) for noise, of SPAN contexts of a block and all its outputs; the rows are kept as they are.

   SLICE columns of them at a time are in shared memory, one more apart than they need be: columns then lie in different
   banks. Each thread has every THREADS-th pair. */
extern "C" __global__ void compare(const REAL *input, const REAL *output, const long long *contexts,
                                   const long long *outputs, const long long *sentences, const REAL *shares,
                                   const REAL *repulsion, REAL *X, REAL *Y, REAL *G,
                                   long long begin, long long L, long long window, long long D)
{
    const int ALL = OUTPUTS * SPAN, PAIRS = (ALL + THREADS - 1) / THREADS;
    __shared__ REAL x[SPAN][SLICE + 1], y[OUTPUTS][SLICE + 1];
    long long spans = (L + SPAN - 1) / SPAN, block = blockIdx.x / spans, first = blockIdx.x % spans * SPAN;
    contexts += (begin + block) * L;
    outputs += (begin + block) * OUTPUTS;
    sentences += (begin + block) * L;
    repulsion += (begin + block) * CENTERS;
    X += block * L * D;
    Y += block * OUTPUTS * D;
    G += block * OUTPUTS * L;

    REAL a[PAIRS], s[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        int pair = i * THREADS + threadIdx.x;
        long long j = pair / SPAN, k = first + pair % SPAN;
        a[i] = pair < ALL && k < L ? weight(j, k, window, sentences, shares, repulsion) : 0;
        s[i] = 0;
    }
    for (long long column = 0; column < D; column += SLICE) {
        __syncthreads(); /* before others' columns are overwritten */
        for (int i = threadIdx.x; i < SPAN * SLICE; i += THREADS) {
            long long k = first + i / SLICE, d = column + i % SLICE;
            bool there = k < L && d < D;
            REAL number = there ? input[contexts[k] * D + d] : 0;
            x[i / SLICE][i % SLICE] = number;
            if (there)
                X[k * D + d] = number;
        }
        for (int i = threadIdx.x; i < OUTPUTS * SLICE; i += THREADS) {
            long long j = i / SLICE, d = column + i % SLICE;
            REAL number = d < D ? output[outputs[j] * D + d] : 0;
            y[i / SLICE][i % SLICE] = number;
            if (d < D && first == 0)
                Y[j * D + d] = number;
        }
        __syncthreads();
        for (int i = 0; i < PAIRS; i++) {
            int pair = i * THREADS + threadIdx.x;
            if (a[i] != 0)
                for (int d = 0; d < SLICE; d++)
                    s[i] += y[pair / SPAN][d] * x[pair % SPAN][d];
        }
    }
    for (int i = 0; i < PAIRS; i++) {
        int pair = i * THREADS + threadIdx.x;
        long long j = pair / SPAN, k = first + pair % SPAN;
        if (pair < ALL && k < L)
            G[j * L + k] = a[i] == 0 ? 0 : a[i] * (j < CENTERS ? 1 - tanh(s[i]) : 1 + tanh(s[i]));
    }
}

/* W += rate factor dW, a row a block: dX = G^T Y for a context, and dY = G X, a quarter of it, for an output.

   Equal words meet in a row, so that it takes atomic additions, whose order is any. */
extern "C" __global__ void move(REAL *input, REAL *output, const long long *contexts, const long long *outputs,
                                const REAL *input_factors, const REAL *output_factors, const REAL *X, const REAL *Y,
                                const REAL *G, REAL rate, long long begin, long long L, long long D)
{
    long long rows = L + OUTPUTS, block = blockIdx.x / rows, row = blockIdx.x % rows;
    X += block * L * D;
    Y += block * OUTPUTS * D;
    G += block * OUTPUTS * L;
    bool is_context = row < L;
    long long j = row - L, word = is_context ? contexts[(begin + block) * L + row] : outputs[(begin + block) * OUTPUTS + j];
    const REAL *others = is_context ? Y : X, *slopes = is_context ? G + row : G + j * L;
    long long count = is_context ? OUTPUTS : L, stride = is_context ? L : 1;
    REAL scale = is_context ? rate * input_factors[word] : REAL(0.25) * rate * output_factors[word];
    REAL *target = (is_context ? input : output) + word * D;
    for (long long d = threadIdx.x; d < D; d += THREADS) {
        REAL sum = 0;
        for (long long i = 0; i < count; i++) {
            REAL slope = slopes[i * stride];
            if (slope != 0)
                sum += slope * others[i * D + d];
        }
        atomicAdd(&target[d], scale * sum);
    }
}
