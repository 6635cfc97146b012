import Inference
import Settings

/// How the engine computes.
enum EngineArguments {
  static let threads = Option(
    "threads", .integer(1...256), standard: "one for each core; less one beside an encoder", section: "Engine",
    "threads of the engine")
  static let isa = Option<ISA?>(
    "isa", .choice, standard: "FOVEA_ISA, or the best that the CPU has", section: "Engine",
    "the instruction set of the engine's kernels")
  static let lean = Option("lean", section: "Engine", "less memory for packed weights, at some cost in speed")
  static let precision = Option(
    "precision", .choice, default: NetworkOptions().precision, section: "Engine",
    "how exactly to compute; fp16-weights reads large fully connected layers faster, exact to about 0.001; "
      + "bf16 multiplies 8-bit significands, where the CPU has AVX512_BF16 or AMX, exact to some 0.03")
  static let noTune = Option(
    "no-tune", section: "Engine",
    "choose algorithms by rule; otherwise the first load of a model measures them, and the cache keeps the choice")
  /// Lines of a command's table.
  static let options: [any OptionSpec] = [threads, isa, lean, precision, noTune]

  /// For commands that measure.
  static let runs = Option(
    "runs", .integer(1...1_000_000), default: 20, section: "Engine", "runs whose median is shown")

  /// What the command line asks for.
  ///
  /// Threads of a network wait for one another after each step. Where an encoder needs a core too, one thread less is
  /// faster: with two cores, a clip with SqueezeNet took 3.2 s instead of 4.0.
  static func network(_ arguments: ParsedArguments, besideEncoder: Bool = false) -> NetworkOptions {
    var options = NetworkOptions()
    if besideEncoder { options.threads = max(1, options.threads - 1) }
    options.threads = arguments[threads] ?? options.threads
    (options.isa, options.lean, options.precision) = (arguments[isa], arguments[lean], arguments[precision])
    options.tuning = arguments[noTune] ? .rule : .measured
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
