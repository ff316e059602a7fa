/** Functions that are stored as splines, each at most 2^-12.4 off before rounding. A residue is f(x) - max(x, 0). */
export { erfTable as erf } from './generated/erf.js';
export { geluResidueTable as geluResidue } from './generated/gelu-residue.js';
export { geluTanhResidueTable as geluTanhResidue } from './generated/gelu-tanh-residue.js';
export { mishResidueTable as mishResidue } from './generated/mish-residue.js';
export { siluResidueTable as siluResidue } from './generated/silu-residue.js';
export { softplusResidueTable as softplusResidue } from './generated/softplus-residue.js';
