### The lab.

command-lab = What the models of the lesson sing: a table, or one model’s song
option-lab-model = Whose song to show (empty: all of them in a table)

lab-head-model = model
lab-head-step = step
lab-head-song = song
lab-head-wrong = wrong
lab-table = 🧪 **The lab.** Every model learnt the children’s song *Nabiya* by heart; 50 notes are to be found. *Step*: it hears the true notes and says the next. *Song*: it hears four notes and goes on by itself. *Wrong*: its first wrong note.
lab-table-end =
    Four notes do not always tell what follows: a model that sees no more gets at most 46 of 50 right. Only a memory that runs through the song gets all.
    Hear one: `{ $prefix }lab lstm-stateful`
lab-song-figures = One step **{ $step }** · whole song **{ $song }**
lab-song-astray = First wrong note: number { $place }, { $sung } instead of { $wanted }; wrong notes are red
lab-song-exact = Every note is right
lab-song-end = Trained beforehand with the command “nabi lab”.
lab-what =
    { $model ->
        [mlp] a multilayer perceptron: two dense layers on four numbers
        [lstm] an LSTM that reads four notes and forgets them
        [lstm-batch] the same, with the whole song as one batch in order
        [lstm-stateful] an LSTM whose memory runs through the song
        [lstm-features] the same, with pitch and length apart
        [rnn] a SimpleRNN, which has no memory cell
        [gru] a GRU, an LSTM with fewer gates
        [stacked] two LSTM layers
        [stacked-dropout] two LSTM layers with Dropout
        [stacked-norm] two LSTM layers with BatchNormalization
        [many-to-many] an LSTM that answers after every note
        [seq2seq] an encoder reads four notes, a decoder sings the next four
       *[gan] a generator that invents and a discriminator that judges
    }
