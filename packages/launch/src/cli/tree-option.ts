/** The option --tree: which comparison tree the protocols use. */
import type { TreeChoice } from '@tacit/mpc';

export const TREES = ['by-size', 'bt3', 'bt4'] as const;

/** What is loaded for it is loaded here and not before. */
export async function treeOf(name: (typeof TREES)[number]): Promise<TreeChoice> {
  const { BT3, BT4 } = await import('@tacit/mpc');
  return { 'by-size': 'by-size', bt3: BT3, bt4: BT4 }[name] as TreeChoice;
}
