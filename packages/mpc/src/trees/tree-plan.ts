/**
 * The plan of a comparison tree: u = [c < r], or u = [c = r], for a public number c and a number r that the dealer
 * knows.
 *
 * Both numbers are cut into chunks of w bits (least significant first). A leaf turns a chunk into two shared bits,
 * lt and eq, without communication; a node of arity a combines a neighbours in one round:
 *
 *     LT = lt[a-1] ^ XOR_{j<a-1} lt[j] * PROD_{q>j} eq[q]          EQ = PROD_q eq[q]
 *
 * At most one term of LT is 1, so XOR is OR. A node opens each of its variables under a fresh bit mask and gets from
 * the dealer the shares of the products of masks that its terms need (ABY2.0, Patra et al., USENIX Security 2021,
 * multi-input AND). The least significant child of a level never needs its EQ.
 *
 * A tree for equality has no LT, and every node gives EQ.
 *
 * Cost for n elements: one round a level; `opened` bits a level and party; dealt bits: leaves sum(2^w - 1) and
 * `products` a level, to the last party only.
 */

/** How to cut and combine. Exactly one of `chunks` and `w` is given; the last arity repeats until one node is left. */
export interface TreeShape {
  readonly chunks?: number;
  readonly w?: number;
  readonly arity: readonly number[];
}

/** Four rounds a ReLU: 4-bit leaves, two levels of arity 4. Least dealt bytes, fastest for many elements. */
export const BT4: TreeShape = { w: 4, arity: [4, 4] };
/** Three rounds a ReLU: 8 leaves, one level of arity 8. Least rounds and online bytes, for few elements. */
export const BT3: TreeShape = { chunks: 8, arity: [8] };

/** One tree for all operations, or for each operation the one that suits its size (treeFor). */
export type TreeChoice = TreeShape | 'by-size';

/**
 * Up to this many elements, a round costs no less than what BT-3 deals in its place: 240 bytes an element more, to the last
 * party, so 150 kB. Over 100 Mbit/s these take 12 ms, a round of such networks 20 to 40; between threads either tree takes
 * about as long. It is the first level of a maximum of 10 classes for a batch of 128.
 */
export const FEW_ELEMENTS = 640;

/**
 * The tree of an operation on n elements that compares `bits`-bit numbers: BT-3 where there are few elements and it saves
 * a round, else BT-4. A function of public sizes and settings; the descriptor that all compare and the dealer gets has
 * the tree itself.
 */
export function treeFor(choice: TreeChoice, n: number, bits: number): TreeShape {
  if (choice !== 'by-size') return choice;
  return n <= FEW_ELEMENTS && levelsOf(bits, BT3) < levelsOf(bits, BT4) ? BT3 : BT4;
}

const levelsOf = (bits: number, shape: TreeShape): number => planTree(bits, shape).levels.length;

/** What a tree tells: whether c < r, or whether c = r. */
export type TreeRelation = 'less' | 'equal';

export interface TreeNode {
  readonly relation: TreeRelation;
  /** Index of the first child in the level below. */
  readonly firstChild: number;
  readonly arity: number;
  readonly needsEq: boolean;
  /** First opened variable of this node within the level; order: lt[0..a-2], if any, then eq[0 or 1..a-1]. */
  readonly firstVariable: number;
  readonly variables: number;
  /** Subsets of variables (bit masks, node-local) whose mask products are dealt, in order. */
  readonly products: readonly number[];
  readonly firstProduct: number;
  /** Shares kept unopened for after the round: lt of the top child, and what there is of an only child. */
  readonly firstCarry: number;
  readonly carries: number;
}

export interface TreeLevel {
  readonly nodes: readonly TreeNode[];
  readonly opened: number;
  readonly products: number;
  readonly carries: number;
}

export interface TreePlan {
  readonly relation: TreeRelation;
  readonly bits: number;
  /** Width of each leaf, least significant first. */
  readonly leaves: readonly number[];
  readonly levels: readonly TreeLevel[];
}

type NodeForm = Pick<TreeNode, 'relation' | 'arity' | 'needsEq'>;

/** How many lt variables a node has. */
export const ltVariables = (node: NodeForm): number => (node.relation === 'less' ? node.arity - 1 : 0);
/** Index of lt[j] (j < ltVariables) among the variables of a node. */
export const ltVariable = (_node: NodeForm, j: number): number => j;
/** Index of eq[j] among the variables of a node; eq[0] exists only where EQ is needed. */
export const eqVariable = (node: NodeForm, j: number): number =>
  ltVariables(node) + (node.needsEq ? j : j - 1);

/** Plans a comparison of `bits`-bit numbers. @throws RangeError for a shape that cannot work */
export function planTree(bits: number, shape: TreeShape, relation: TreeRelation = 'less'): TreePlan {
  const key = `${relation}/${bits}/${shape.w}/${shape.chunks}/${shape.arity}`;
  let plan = plans.get(key);
  if (!plan) {
    plan = makePlan(bits, shape, relation);
    if (plans.size >= MOST_PLANS) plans.clear();
    plans.set(key, plan);
  }
  return plan;
}

/** Plans are immutable and few; a computation asks for the same one at every comparison. */
const plans = new Map<string, TreePlan>();
const MOST_PLANS = 256;

function makePlan(bits: number, shape: TreeShape, relation: TreeRelation): TreePlan {
  if (shape.arity.length === 0 || shape.arity.some((a) => !Number.isInteger(a) || a < 2 || a > 8))
    throw new RangeError(`tree arity must be a list of numbers from 2 to 8, got [${shape.arity}]`);
  if ((shape.chunks === undefined) === (shape.w === undefined))
    throw new RangeError('a tree shape has exactly one of chunks and w');
  const width = shape.w ?? Math.ceil(bits / (shape.chunks as number));
  if (!Number.isInteger(width) || width < 1 || width > 10)
    throw new RangeError(`leaf width must be 1 to 10 bits, got ${width}`);
  const leaves: number[] = [];
  for (let at = 0; at < bits; at += width) leaves.push(Math.min(width, bits - at));

  const levels: TreeLevel[] = [];
  let children = leaves.length;
  while (children > 1) {
    const arity = shape.arity[Math.min(levels.length, shape.arity.length - 1)];
    const level = planLevel(children, arity, relation);
    levels.push(level);
    children = level.nodes.length;
  }
  return { relation, bits, leaves, levels };
}

function planLevel(children: number, arity: number, relation: TreeRelation): TreeLevel {
  const nodes: TreeNode[] = [];
  let opened = 0;
  let products = 0;
  let carries = 0;
  for (let first = 0; first < children; first += arity) {
    const size = Math.min(arity, children - first);
    const needsEq = relation === 'equal' || first > 0;
    const shape = { relation, arity: size, needsEq };
    const variables = size === 1 ? 0 : ltVariables(shape) + size - (needsEq ? 0 : 1);
    const node: TreeNode = {
      ...shape,
      firstChild: first,
      firstVariable: opened,
      variables,
      products: size === 1 ? [] : neededProducts(shape),
      firstProduct: products,
      firstCarry: carries,
      carries: (relation === 'less' ? 1 : 0) + (size === 1 && needsEq ? 1 : 0),
    };
    nodes.push(node);
    opened += node.variables;
    products += node.products.length;
    carries += node.carries;
  }
  return { nodes, opened, products, carries };
}

/** All subsets of two or more variables of every term, each once, ascending. */
function neededProducts(node: NodeForm): number[] {
  const needed = new Set<number>();
  const addSubsets = (term: number) => {
    for (let s = term; s > 0; s = (s - 1) & term) if ((s & (s - 1)) !== 0) needed.add(s);
  };
  const eqAbove = (j: number) => {
    let set = 0;
    for (let q = j; q < node.arity; q++) set |= 1 << eqVariable(node, q);
    return set;
  };
  for (let j = 0; j < ltVariables(node); j++) addSubsets((1 << ltVariable(node, j)) | eqAbove(j + 1));
  if (node.needsEq) addSubsets(eqAbove(0));
  return [...needed].sort((a, b) => a - b);
}

/** Bits that a party opens in the tree, per element. */
export const openedBits = (plan: TreePlan): number => plan.levels.reduce((sum, l) => sum + l.opened, 0);
/** Bits that the dealer deals for the tree, per element. */
export const dealtBits = (plan: TreePlan): number =>
  plan.leaves.reduce((sum, w) => sum + (1 << w) - 1, 0) + plan.levels.reduce((sum, l) => sum + l.products, 0);
