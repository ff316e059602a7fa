/** The namespace `nn`: modules, and what turns model files into them. */
export * from '@tacit/nn';
