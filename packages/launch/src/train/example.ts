/** What `tacit train --example` prints. A test trains with it. */
export const EXAMPLE = `# A clinic and an insurer train a model of what both know about the same people. Neither sees the other's file, and
# nobody sees the model but the party that it is revealed to at the end.
#
#   tacit train config.yaml --check           files, columns, shapes and costs, without starting
#   tacit train config.yaml --json run.json   trains; 'tacit report run.json' makes a page of it

# Who takes part. 2 to 64 names; a dealer, which sees nothing, comes beside them.
parties: [clinic, insurer]

data:
  # columns: every file has all rows, in the same order, and some of the features.
  # rows:    every file has all features of some of the rows; then each has a file of targets, too.
  split: columns
  features:
    - owner: clinic            # the only party that opens the file
      file: clinic.csv         # .csv with a header, .npy, or .npz and .safetensors with 'key: NAME'
      columns: [age, pressure] # by name, or numbers from 0; left out: all that are no targets
    - owner: insurer
      file: insurer.csv
      columns: [visits, costs]
  targets:
    - owner: insurer
      file: insurer.csv
      columns: [outcome]
  # Targets are labels: so many, counted from 0, or a list of them. Their owner makes one-hot rows of them.
  # Left out: targets are numbers (regression).
  classes: [well, ill]
  # Features of mean 0 and deviation 1, by the rows of training alone.
  # owner: each owner does it before it shares anything. private: among all parties, where rows are split. none.
  standardize: owner
  # shape: [1, 28, 28]         # of one example, where the model takes images

# Layers of tacit's nn with the arguments of their constructors, options last. The input is [batch, features].
model:
  - Linear: [4, 8]
  - ReLU
  - Linear: [8, 2]
# Or an ONNX file of one party:
# model: { onnx: start.onnx, owner: clinic, trainable: true }   # or the names of weights

# Whose random initial weights count; nobody: no party knows them.
initial: nobody

loss: CrossEntropyLoss # any of nn; with options: 'MSELoss: { reduction: sum }'
optimizer:
  SGD: { lr: 0.1, momentum: 0.9 } # any of nn.optim, with its options
epochs: 5
batchSize: 16 # the last batch of an epoch may be smaller; dropLast: true leaves it out
validation: 0.2 # a random fifth of the rows is not trained with
seed: 1         # of the public order of batches; left out: random

# Who learns what while it trains: all, nobody, a party or a list of parties. Default nobody.
reveal:
  loss: all
  accuracy: clinic

# Where the model goes: revealed to one party, in a file that PyTorch and NumPy load; or shares that all parties keep.
save:
  - { to: clinic, file: model.safetensors } # or .npz
  - { shares: model.shares }                # writes model.shares.0 at clinic, model.shares.1 at insurer

# Shares of model and optimiser after every epoch: 'tacit train config.yaml --resume' goes on from there.
checkpoint: { file: training.shares, every: 1 }

# Settings of the protocols, for those who need others: fractionBits, window, tree, prgRounds, chunk, truncation.
# protocol: { fractionBits: 16 }
`;
