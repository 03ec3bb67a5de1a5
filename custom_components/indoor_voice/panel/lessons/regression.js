/**
 * Logistic regression on a few samples with many features.
 *
 * It finds the weights w and the bias b that minimise
 *
 *     |w|² / 2 + Σ cᵢ log(1 + exp(-tᵢ (w·xᵢ + b))),    tᵢ = ±1,
 *
 * in which cᵢ weighs the samples so that both classes count the same. Its minimum has w = Σ aᵢ xᵢ with one number a for
 * each sample, so that 60 unknowns stand for 1152 weights, and only the products xᵢ·xⱼ of the samples are needed.
 * Newton's method finds it from the same start by the same steps each time, without chance: each step solves
 * (K + W⁻¹) a + b = f + W⁻¹ r with Σ a = 0, where K holds the products, f the scores, r the residuals and W the second
 * derivatives. That is done by the Cholesky factors of I + √W K √W, whose eigenvalues are at least 1, as in algorithm
 * 3.1 of Rasmussen and Williams, Gaussian Processes for Machine Learning.
 *
 * The samples are scaled by one number, so that they have an average square length of 1 around their mean. The strength
 * of the regularisation is then that which openWakeWord gives its custom verifiers (C = 0.001 for 1152 features of
 * variance 1), but w and b apply to samples as they are.
 */

const STRENGTH = 1;
const MOST_STEPS = 100;
const PRECISION = 1e-11;

/**
 * A symmetric matrix: `products[i][j]` is xᵢ·xⱼ.
 * @typedef {Float64Array[]} Products
 */
/**
 * The weights are `Σ coefficients[i] xᵢ`, where the coefficients add up to 0; a score is `weights · x + bias`.
 * @typedef {{ coefficients: Float64Array, bias: number }} Fit
 */

/**
 * Fit a model to samples of which some belong to the class with positive scores; there must be both.
 * @param {Products} products of the samples
 * @param {boolean[]} classes whether each sample is to have a positive score
 * @returns {Fit}
 */
export function fit(products, classes) {
  const square = meanSquare(products);
  const scaled = products.map((row) => row.map((product) => (square > 0 ? product / square : 0)));
  const problem = new Problem(scaled, classes);
  let now = problem.evaluate(new Float64Array(classes.length), 0);
  for (let step = 0; step < MOST_STEPS && !problem.isSolved(now); step++) now = problem.step(now);
  return { coefficients: now.a.map((one) => (square > 0 ? one / square : 0)), bias: now.bias };
}

/**
 * Return the average square distance of the samples from their mean.
 * @param {Products} products
 */
function meanSquare(products) {
  const count = products.length;
  const squares = total(products.map((row, index) => at(row, index)));
  return (squares - total(products.map((row) => total(row))) / count) / count;
}

/**
 * A point at which the function was evaluated.
 * @typedef {object} Point
 * @property {Float64Array} a
 * @property {number} bias
 * @property {Float64Array} scores
 * @property {number} value of the function that is minimised
 */

class Problem {
  #products;
  /** The targets, 1 or -1. */
  #targets;
  /** How much each sample counts. */
  #costs;

  /**
   * @param {Products} products
   * @param {boolean[]} classes
   */
  constructor(products, classes) {
    this.#products = products;
    this.#targets = Float64Array.from(classes, (isPositive) => (isPositive ? 1 : -1));
    const count = classes.length;
    const positive = classes.filter(Boolean).length;
    this.#costs = Float64Array.from(
      classes,
      (isPositive) => (STRENGTH * count) / (2 * (isPositive ? positive : count - positive)),
    );
  }

  /**
   * @param {Float64Array} a
   * @param {number} bias
   * @returns {Point}
   */
  evaluate(a, bias) {
    const linear = multiply(this.#products, a);
    const scores = linear.map((one) => one + bias);
    const losses = scores.map((score, index) => at(this.#costs, index) * softplus(-at(this.#targets, index) * score));
    return { a, bias, scores, value: dot(a, linear) / 2 + total(losses) };
  }

  /**
   * Return the residuals, which a equals at the minimum: the derivatives of the losses by the scores, negated.
   * @param {Point} point
   */
  #residuals({ scores }) {
    return scores.map((score, index) => {
      const target = at(this.#targets, index);
      return at(this.#costs, index) * target * sigmoid(-target * score);
    });
  }

  /** @param {Point} point */
  isSolved(point) {
    const residuals = this.#residuals(point);
    const farthest = Math.max(...residuals.map((residual, index) => Math.abs(residual - at(point.a, index))));
    return farthest < PRECISION && Math.abs(total(residuals)) < PRECISION;
  }

  /**
   * Return the next point: that of Newton's method, or one on the way to it if the function is not smaller there.
   * @param {Point} now
   */
  step(now) {
    const aim = this.#aim(now);
    let next = this.evaluate(aim.a, aim.bias);
    const most = now.value + PRECISION * Math.abs(now.value);
    for (let part = 1 / 2; next.value > most && part > PRECISION; part /= 2) {
      const a = now.a.map((from, index) => from + part * (at(aim.a, index) - from));
      next = this.evaluate(a, now.bias + part * (aim.bias - now.bias));
    }
    return next;
  }

  /** @param {Point} now */
  #aim(now) {
    const residuals = this.#residuals(now);
    const roots = now.scores.map((score, index) =>
      Math.sqrt(at(this.#costs, index) * sigmoid(score) * sigmoid(-score)),
    );
    const factor = cholesky(
      this.#products.map((row, i) => row.map((product, j) => Number(i === j) + at(roots, i) * product * at(roots, j))),
    );
    // Both are the solutions a of (K + W⁻¹) a = y: for y = f + W⁻¹ r, and for y = 1.
    const inverse = (/** @type {Float64Array} */ y) => solve(factor, y).map((one, index) => one * at(roots, index));
    const free = inverse(now.scores.map((score, i) => at(roots, i) * score + at(residuals, i) / at(roots, i)));
    const ones = inverse(roots);
    const bias = total(free) / total(ones);
    return { a: free.map((one, index) => one - bias * at(ones, index)), bias };
  }
}

/**
 * Return the products of samples around their common mean.
 * @param {Float64Array[]} samples
 * @returns {Products}
 */
export const productsOf = (samples) => samples.map((one) => Float64Array.from(samples, (other) => dot(one, other)));

/**
 * Return the scalar product of two vectors, or of their first elements.
 * @param {Float64Array} a
 * @param {Float64Array} b
 * @param {number} [length]
 */
export function dot(a, b, length = a.length) {
  let sum = 0;
  for (let index = 0; index < length; index++) sum += at(a, index) * at(b, index);
  return sum;
}

/**
 * @param {Float64Array[]} matrix
 * @param {Float64Array} vector
 */
const multiply = (matrix, vector) => Float64Array.from(matrix, (row) => dot(row, vector));

/**
 * Return the lower triangular matrix whose product with its transpose is a symmetric, positive definite matrix.
 * @param {Float64Array[]} matrix
 */
function cholesky(matrix) {
  /** @type {Float64Array[]} */
  const factor = [];
  for (const [i, row] of matrix.entries()) {
    const lower = new Float64Array(matrix.length);
    factor.push(lower);
    for (const [j, other] of factor.entries()) {
      const rest = at(row, j) - dot(lower, other, j);
      lower[j] = i === j ? Math.sqrt(rest) : rest / at(other, j);
    }
  }
  return factor;
}

/**
 * Solve L Lᵀ x = y.
 * @param {Float64Array[]} factor L
 * @param {Float64Array} y
 */
function solve(factor, y) {
  const x = new Float64Array(y);
  for (const [i, row] of factor.entries()) x[i] = (at(x, i) - dot(row, x, i)) / at(row, i);
  for (const [i, row] of [...factor.entries()].toReversed()) {
    const found = at(x, i) / at(row, i);
    x[i] = found;
    for (let j = 0; j < i; j++) x[j] = at(x, j) - at(row, j) * found;
  }
  return x;
}

/**
 * @param {ArrayLike<number>} numbers
 * @param {number} index within them
 */
const at = (numbers, index) => /** @type {number} */ (numbers[index]);

/** @param {Iterable<number>} numbers */
function total(numbers) {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}

/** @param {number} x */
const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/** @param {number} x */
const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
