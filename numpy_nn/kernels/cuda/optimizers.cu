/* The rules of optimizers, all tensors of a group in one launch: each block has CHUNK numbers of one of them.

   The table has a row for each tensor: which block is its first, how many numbers it has, the places of its parameter,
   gradient and state, and what else is its own, a REAL in the first bytes of a long long. A tensor has at least one
   block. A launch takes its table along, as an argument: there is no copy to wait for, and a graph keeps it. Numbers of
   a step are worked out by who launches; a graph finds them where the table says. */

struct Table {
    long long cells[CELLS];
};

/* What a block works on: its row of the table, and from which number to which. */
struct Chunk {
    const long long *row;
    long long begin, end;
};

/* Tensors lie in the order of their blocks: halving finds the last that begins no later than this block. */
__device__ Chunk own_chunk(const Table &table, long long tensors, long long width)
{
    long long block = blockIdx.x, low = 0, high = tensors;
    while (high - low > 1) {
        long long middle = (low + high) / 2;
        if (table.cells[middle * width] <= block)
            low = middle;
        else
            high = middle;
    }
    const long long *row = table.cells + low * width;
    long long begin = (block - row[0]) * CHUNK, end = begin + CHUNK;
    return {row, begin, end < row[1] ? end : row[1]};
}

__device__ REAL *place(long long cell)
{
    return (REAL *)cell;
}

__device__ REAL number(const long long *cell)
{
    return *(const REAL *)cell;
}

/* g <- g + decay p;  b <- g at first, then momentum b + fresh g;  p <- p - lr g, lr b or lr (g + momentum b) */
extern "C" __global__ void sgd(const __grid_constant__ Table table, long long tensors, REAL lr, REAL momentum,
                               REAL fresh, REAL decay, long long nesterov)
{
    Chunk chunk = own_chunk(table, tensors, 6);
    REAL *parameter = place(chunk.row[2]), *velocity = place(chunk.row[4]);
    const REAL *gradient = place(chunk.row[3]);
    bool first = number(chunk.row + 5) != 0;
    for (long long i = chunk.begin + threadIdx.x; i < chunk.end; i += THREADS) {
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
}

/* p <- shrink p;  g <- g + decay p;  m <- beta1 m + rest g;  v <- beta2 v + fresh g^2;
   p <- p - step m / (sqrt(v) / root + eps), with amsgrad of the largest v so far; step and root are a tensor's own, in
   its row or, told, where that says */
extern "C" __global__ void adam(const __grid_constant__ Table table, long long tensors, REAL shrink, REAL decay,
                                REAL beta1, REAL rest, REAL beta2, REAL fresh, REAL eps, long long amsgrad,
                                long long told)
{
    Chunk chunk = own_chunk(table, tensors, 9);
    REAL *parameter = place(chunk.row[2]), *mean = place(chunk.row[4]), *square = place(chunk.row[5]);
    const REAL *gradient = place(chunk.row[3]);
    REAL *largest = place(chunk.row[6]);
    REAL step = told ? place(chunk.row[7])[0] : number(chunk.row + 7);
    REAL root = told ? place(chunk.row[7])[1] : number(chunk.row + 8);
    for (long long i = chunk.begin + threadIdx.x; i < chunk.end; i += THREADS) {
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
}
