import Inference
import Settings

/// The options that every command with a classifier has, as `ModelChoice` reads them.
enum ModelOptions {
  /// Lines of a command's table.
  static let specs = [
    OptionSpec("model", .file, short: "m", section: "Network", "the classifier, an ONNX file"),
    OptionSpec(
      "sidecar", .file, section: "Network", standard: "MODEL's name with .toml, if it exists",
      "labels and preprocessing of the model"),
    OptionSpec(
      "fit", .choice(["crop", "squash", "pad"]), section: "Network", standard: "as the sidecar says, else crop",
      "how a wide picture meets the network's rectangle"),
  ]
}

/// The options that every command with an engine has.
enum EngineOptions {
  /// Lines of a command's table. `threads` says how many there are unless one asks.
  static func specs(section: String = "Options", threads: String = "one for each core") -> [OptionSpec] {
    [
      OptionSpec(
        "threads", .integer(1...256), section: section, standard: threads, "threads of the engine"),
      OptionSpec(
        "isa", .choice(ISA.allCases.map(\.rawValue)), section: section,
        standard: "FOVEA_ISA, or the best that the CPU has",
        "the instruction set of the engine's kernels"),
      OptionSpec("lean", section: section, "less memory for packed weights, at some cost in speed"),
      OptionSpec(
        "precision", .choice(Precision.allCases.map(\.rawValue)), section: section, standard: "fp32",
        "how exactly to compute; fp16-weights reads large fully connected layers faster, exact to about 0.001; "
          + "bf16 multiplies 8-bit significands, where the CPU has AVX512_BF16 or AMX, exact to some 0.03"),
      OptionSpec(
        "no-tune", section: section,
        "choose algorithms by rule; otherwise the first load of a model measures them, and the cache keeps the choice"),
    ]
  }

  /// What the command line asks for.
  ///
  /// Threads of a session wait for one another after each step. Where an encoder needs a core too, one thread less is
  /// faster: with two cores, a clip with SqueezeNet took 3.2 s instead of 4.0.
  static func session(_ arguments: ParsedArguments, besideEncoder: Bool = false) -> NetworkOptions {
    var options = NetworkOptions()
    if besideEncoder { options.threads = max(1, options.threads - 1) }
    if let threads = arguments.integer("threads") { options.threads = threads }
    options.isa = arguments.text("isa").flatMap(ISA.init(rawValue:))
    options.lean = arguments.has("lean")
    options.tuning = arguments.has("no-tune") ? .rule : .measured
    if let precision = arguments.text("precision").flatMap(Precision.init(rawValue:)) { options.precision = precision }
    return options
  }
}

/// Numbers of about unit size, the same in every run: the engine's time must not depend on zeros or denormal numbers.
func fillWithNoise(_ session: Session) {
  var state: UInt64 = 20
  for input in session.inputs where input.view.type == .float32 {
    let floats = input.view.floats
    for index in floats.indices {
      // Knuth's 64-bit linear congruential generator, "The Art of Computer Programming", volume 2, 3.3.4.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      floats[index] = Float(state >> 40) * 0x1p-23 * 2 - 2
    }
  }
}
