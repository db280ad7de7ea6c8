"""What the learning rate range test is made of; `trainer.lr_finder` is the way in."""
