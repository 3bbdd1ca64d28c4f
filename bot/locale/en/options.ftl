### What an option's values are called while they are chosen.

style-name = { $style ->
    [folk] folk – European folk songs
    [irish] irish – Irish dance tunes
    [fiddle] fiddle – American fiddle tunes
    [scottish] scottish – old Scottish airs
    [bach] bach – Bach’s chorales
    [children] children – children’s songs
    [chinese] chinese – Chinese folk songs
   *[any] any – whatever suits the tune
}
meter-name = { $beats }/{ $unit }
key-name = { $step ->
    [C] C
    [D] D
    [E] E
    [F] F
    [G] G
    [A] A
   *[B] B
}{ $sign ->
    [sharp] ♯
    [flat] ♭
   *[none] {""}
} { $mode ->
    [minor] minor
    [dorian] dorian
    [phrygian] phrygian
    [lydian] lydian
    [mixolydian] mixolydian
    [locrian] locrian
   *[major] major
}
version-answers = answers now
