export const something = 'no program';
