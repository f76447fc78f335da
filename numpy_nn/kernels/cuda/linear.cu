/* A product of matrices, a block for each tile of 16 by 16 of what comes out.

   Its factors are told by their steps in memory, so that neither is ever turned; of whichever way they lie, threads
   beside one another read numbers beside one another. */

const int TILE = 16;

/* c = a b + bias,  (M, K) (K, N) -> (M, N);  sums = the sum of each row of a, where they are asked for. */
extern "C" __global__ void product(const REAL *a, long long a_row, long long a_column,
                                   const REAL *b, long long b_row, long long b_column,
                                   const REAL *bias, long long biased, REAL *c, REAL *sums, long long summed,
                                   long long M, long long N, long long K)
{
    __shared__ REAL left[TILE][TILE + 1], right[TILE][TILE + 1];
    int slow = threadIdx.x / TILE, fast = threadIdx.x % TILE;
    int a_down = a_column == 1 ? slow : fast, a_over = a_column == 1 ? fast : slow;
    int b_down = b_column == 1 ? slow : fast, b_over = b_column == 1 ? fast : slow;
    long long across = (N + TILE - 1) / TILE;
    long long top = blockIdx.x / across * TILE, edge = blockIdx.x % across * TILE;
    long long i = top + a_down, j = edge + b_over;
    REAL total = 0, sum = 0;
    for (long long first = 0; first < K; first += TILE) {
        long long over = first + a_over, down = first + b_down;
        left[a_down][a_over] = i < M && over < K ? a[i * a_row + over * a_column] : 0;
        right[b_down][b_over] = down < K && j < N ? b[down * b_row + j * b_column] : 0;
        __syncthreads();
        REAL part = 0, row = 0; /* a tile's own sums, added up apart, keep more digits */
        for (int k = 0; k < TILE; k++) {
            part += left[slow][k] * right[k][fast];
            row += left[slow][k];
        }
        total += part;
        sum += row;
        __syncthreads(); /* before the next tile is written there */
    }
    i = top + slow;
    j = edge + fast;
    if (i < M && j < N)
        c[i * N + j] = biased ? total + bias[j] : total;
    if (summed && i < M && j == 0)
        sums[i] = sum;
}
