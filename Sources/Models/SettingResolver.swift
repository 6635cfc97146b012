import Foundation
import Telemetry
import Tensors

/// Decides every setting of a model and remembers where it came from.
struct SettingResolver {
  let path: String
  let sidecar: Sidecar?
  /// The ONNX file's metadata_props.
  let properties: MetadataSettings
  /// What else is known, what counts first first.
  var preparations: [Preparation] = []
  private(set) var settings: [Setting] = []

  init(path: String, sidecar: Sidecar?, properties: [String: String]) {
    (self.path, self.sidecar) = (path, sidecar)
    self.properties = MetadataSettings(properties)
  }

  /// How a picture becomes the input.
  mutating func transform(for input: PictureInput, overrides: ModelOverrides) throws -> InputTransform {
    let size = try inputSize(of: input, overrides.size)
    let fit = choose("input.resize", overrides.fit, sidecar?.fit, nil, \.fit, nil, .crop) { $0.rawValue }
    let color = choose(
      "input.color", nil, sidecar?.color, properties.color, \.color, input.channels == 1 ? .gray : nil, .rgb
    ) { $0.rawValue }
    if (color == .gray) != (input.channels == 1) {
      throw UserError(
        "\(path): input.color is \(color.rawValue), but the network takes \(input.channels) channels.", .configuration)
    }
    let resizeTo = fit == .crop ? try margin(size, input) : nil
    let scale = choose("input.scale", nil, sidecar?.scale, properties.scale, \.scale, nil, 1 / 255) { "\($0)" }
    let grey = input.channels == 1
    let mean = choose(
      "input.mean", nil, sidecar?.mean, properties.mean, \.mean, nil, grey ? [0] : [0.485, 0.456, 0.406]
    ) { "\($0)" }
    let std = choose("input.std", nil, sidecar?.std, properties.std, \.std, nil, grey ? [1] : [0.229, 0.224, 0.225]) {
      "\($0)"
    }
    let interpolation = choose(
      "input.interpolation", nil, sidecar?.interpolation, nil, \.interpolation, nil, .bilinear
    ) { $0.rawValue }
    return InputTransform(
      height: size.height, width: size.width, fit: fit, resizeTo: resizeTo, color: color,
      scale: scale, mean: try planes(mean, "input.mean", input.channels),
      std: try planes(std, "input.std", input.channels, nonzero: true),
      interpolation: interpolation)
  }

  /// The shorter side before a centre crop; by default 256 to 224, and without a margin for grey networks.
  private mutating func margin(_ size: (height: Int, width: Int), _ input: PictureInput) throws -> Int {
    let side = min(size.height, size.width)
    let standard = input.channels == 1 ? side : Int((Double(side) * 256 / 224).rounded())
    // Of another size than the one that the margin was made for, it says nothing.
    let isEnough = preparations.first { $0.resizeTo != nil }.map { ($0.resizeTo ?? 0) >= side } ?? false
    let margin = choose("input.resize_to", nil, sidecar?.resizeTo, nil, isEnough ? \.resizeTo : nil, nil, standard) {
      "\($0)"
    }
    guard margin >= side else {
      throw UserError(
        "\(path): input.resize_to is \(margin), less than the \(side) pixels of the input.", .configuration)
    }
    return margin
  }

  /// What to say where nothing tells how pictures are prepared and the defaults are probably wrong: they are those of networks trained with
  /// PyTorch, which take channels first. Keras' applications scale in three other ways.
  func warning(for input: PictureInput) -> String? {
    let isGuess = ["input.scale", "input.mean", "input.std"].allSatisfy { key in
      settings.contains { $0.key == key && $0.origin == .standard }
    }
    guard isGuess, input.channelsLast, input.channels == 3 else { return nil }
    return
      "nothing says how \(path.lastName.shown) wants its pictures prepared: PyTorch's mean and standard deviation for ImageNet are taken, "
      + "which models from TensorFlow and Keras rarely expect; put scale, mean and std into a sidecar, "
      + "\(path.withoutEnding.lastName.shown).toml"
  }

  private var knownLabels: [String]? {
    sidecar?.labels ?? properties.labels ?? preparations.lazy.compactMap(\.labels).first
  }

  /// How many scores the names that are known belong to.
  var labelCount: Int? { knownLabels.map { $0.count + (sidecar?.classOffset ?? 0) } }

  /// Remembers which output was chosen, and what was found in it.
  mutating func noteOutput(_ output: ScoreOutput, named name: String, overrides: ModelOverrides) {
    note("output.name", name, overrides.output != nil ? .commandLine : sidecar?.output != nil ? .sidecar : .graph)
    note("output.holds", output.finding, .values)
  }

  /// One name for each score.
  /// - Parameter isBinary: one number tells two classes apart; a single label is then that of the second one.
  mutating func labels(count: Int, isBinary: Bool = false) throws -> Labels {
    var names = knownLabels
    if isBinary, let known = names, known.count == 1 { names = ["not \(known[0])", known[0]] }
    let origin: Origin =
      sidecar?.labels != nil
      ? .sidecar : properties.labels != nil ? .metadata : preparations.first { $0.labels != nil }?.origin ?? .standard
    // What lies beside the model need not belong to it.
    if origin == .beside, names?.count != count { names = nil }
    guard let names else {
      note("labels", "\(count), numbered", .standard)
      return Labels(numbered: count)
    }
    let offset = sidecar?.classOffset ?? 0
    guard names.count + offset == count, offset > -names.count else {
      throw UserError(
        "\(path) has \(count) classes, but there are \(names.count) labels"
          + (offset != 0 ? " with classes.offset = \(offset)" : "") + Self.advice(names.count, count), .configuration)
    }
    note("labels", "\(names.count) names", origin)
    note("classes.offset", "\(offset)", sidecar?.classOffset == nil ? .standard : .sidecar)
    let before = (0..<max(offset, 0)).map { offset == 1 ? "background" : "class \($0)" }
    return Labels(before + names.dropFirst(max(-offset, 0)))
  }

  /// What helps when labels and classes differ by the background class, which some networks have and some lists name.
  private static func advice(_ labels: Int, _ classes: Int) -> String {
    switch classes - labels {
    case 1: ". If the first class is the background, set classes.offset = 1 in the sidecar."
    case -1: ". If the first label is the background, which the network lacks, set classes.offset = -1 in the sidecar."
    default: ". Give the sidecar the labels that belong to this network."
    }
  }

  /// What turns the output into probabilities.
  mutating func activation(for output: ScoreOutput) -> OutputActivation {
    let known: OutputActivation? =
      switch output.form {
      case .probabilities: OutputActivation.none
      case .logarithmsOfProbabilities: .exp
      case nil: output.isBinary ? .sigmoid : nil
      }
    // Of the two scores that one number has become, softmax would give what sigmoid gives for the number twice.
    let asked = output.isBinary && sidecar?.activation == .softmax ? .sigmoid : sidecar?.activation
    return choose("output.activation", nil, asked, nil, nil, known, .softmax) { $0.rawValue }
  }

  private mutating func inputSize(
    of input: PictureInput, _ override: (height: Int, width: Int)?
  ) throws -> (height: Int, width: Int) {
    let prepared = preparations.first { $0.size != nil }
    let asked = override ?? sidecar?.size ?? properties.size ?? prepared?.size
    let origin: Origin =
      override != nil
      ? .commandLine
      : sidecar?.size != nil
        ? .sidecar : properties.size != nil ? .metadata : prepared?.origin ?? .standard
    // A network that leaves one extent open is given a square.
    let height = input.height ?? asked?.height ?? input.width ?? 224
    let width = input.width ?? asked?.width ?? input.height ?? 224
    if let override, override != (height, width) {
      throw UserError(
        "\(path) takes pictures of \(height) x \(width) only, not \(override.height) x \(override.width).", .usage)
    }
    if sidecar?.size != nil, let asked, asked != (height, width) {
      throw UserError(
        "\(path): input.size is \(asked.height) x \(asked.width), but the network takes \(height) x \(width).",
        .configuration)
    }
    guard (1...16384).contains(height), (1...16384).contains(width) else {
      throw UserError("\(path): an input of \(height) x \(width) pixels is not supported.")
    }
    note(
      "input.size", "[\(height), \(width)]",
      input.height != nil && sidecar?.size == nil && override == nil ? .graph : origin)
    return (height, width)
  }

  private func planes(_ values: [Float], _ key: String, _ channels: Int, nonzero: Bool = false) throws -> [Float] {
    guard values.count == 1 || values.count == channels else {
      throw UserError("\(path): \(key) has \(values.count) numbers for \(channels) channels.", .configuration)
    }
    if nonzero && values.contains(0) { throw UserError("\(path): \(key) must not be 0.", .configuration) }
    return values.count == channels ? values : Array(repeating: values[0], count: channels)
  }

  private mutating func note(_ key: String, _ value: String, _ origin: Origin) {
    settings.append(Setting(key: key, value: value, origin: origin))
  }

  private mutating func choose<T>(
    _ key: String, _ commandLine: T?, _ sidecar: T?, _ metadata: T?,
    _ prepared: KeyPath<Preparation, T?>?, _ graph: T?, _ standard: T, _ text: (T) -> String
  ) -> T {
    let candidates: [(T?, Origin)] = [
      (commandLine, .commandLine), (sidecar, .sidecar), (metadata, .metadata),
    ]
    let found = prepared.map { path in preparations.map { ($0[keyPath: path], $0.origin) } } ?? []
    for case (let value?, let origin) in candidates + found + [(graph, .graph)] {
      note(key, text(value), origin)
      return value
    }
    note(key, text(standard), .standard)
    return standard
  }
}
