import CKernels

/// What one cache file holds: the choices for one network on one CPU.
///
///     fovea-tuning 1
///     key …
///     layer 1 64 56 56 64 56 56 3 3 1 1 1 1 1 1 1 winograd-4x4-3x3
///     end 0123456789abcdef
///
/// The last line has the hash of all bytes before it.
struct TuningFile: Equatable {
  /// What the choices depend on: version, CPU, instruction set, network.
  var key: String
  /// One for each contested layer of the network.
  var choices: TunedChoices

  private static let magic = "fovea-tuning 1"

  var text: String {
    let lines = choices.compactMap { layer, algorithm in
      AlgorithmName.of(algorithm).map { "layer \(layer.text) \($0)" }
    }
    let body = ([Self.magic, "key \(key)"] + lines.sorted()).joined(separator: "\n") + "\n"
    return body + "end \(StableHash.of(body))\n"
  }

  init(key: String, choices: TunedChoices) { (self.key, self.choices) = (key, choices) }

  /// Nil unless the bytes are exactly what `text` gives for some choices.
  init?(_ bytes: some Collection<UInt8>) {
    let text = String(decoding: bytes, as: UTF8.self)
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 4, lines[0] == Self.magic, lines[1].hasPrefix("key "), lines.popLast() == "",
      lines.popLast()?.hasPrefix("end ") == true
    else { return nil }
    var choices: TunedChoices = [:]
    for line in lines.dropFirst(2) {
      guard line.hasPrefix("layer "), let space = line.lastIndex(of: " "),
        let algorithm = AlgorithmName.algorithm(line[line.index(after: space)...]),
        space >= line.index(line.startIndex, offsetBy: 6),
        let layer = ConvolutionLayer(text: line[line.index(line.startIndex, offsetBy: 6)..<space])
      else { return nil }
      choices[layer] = algorithm
    }
    self.init(key: String(lines[1].dropFirst(4)), choices: choices)
    guard self.text == text else { return nil }
  }

  /// True when the choices are for these layers, all of them, each one that the layer may have.
  func fits(_ layers: [ContestedLayer]) -> Bool {
    choices.count == layers.count
      && layers.allSatisfy { layer in choices[layer.layer].map(layer.candidates.contains) ?? false }
  }
}
