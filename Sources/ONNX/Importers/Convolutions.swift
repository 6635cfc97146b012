import Inference
import Tensors

extension ImporterTable {
  /// Conv, ConvTranspose, and onnxruntime's FusedConv.
  static let convolutions: [String: ImporterEntry] = [
    "Conv": entry(2...3, conv),
    "ConvTranspose": entry(2...3, convTranspose),
    "com.microsoft.FusedConv": entry(2...3, fusedConv),
  ]

  static func conv(_ context: ImportContext) throws -> any Operator {
    if let volume = try volumeConv(context) { return volume }
    let window = try context.windowAttributes()
    try checkKernel(window, context)
    return Conv(
      strides: window.strides, dilations: window.dilations, padding: window.padding,
      groups: try context.int("group", default: 1))
  }

  /// Over depth, rows and columns; nil for fewer axes.
  private static func volumeConv(_ context: ImportContext) throws -> VolumeConv? {
    let lists = try ["kernel_shape", "strides", "dilations", "pads"].map { try context.ints($0) }
    let isVolume =
      lists[0]?.count == 3 || lists[1]?.count == 3 || lists[3]?.count == 6 || context.constant(1)?.shape.rank == 5
    guard isVolume else { return nil }
    let rule = try context.string("auto_pad", default: "NOTSET")
    guard ["NOTSET", "VALID", ""].contains(rule) else {
      throw OperatorError("has auto_pad \(rule) over three spatial axes, which is not supported; export it with pads")
    }
    let one = [1, 1, 1]
    return VolumeConv(
      strides: lists[1] ?? one, dilations: lists[2] ?? one,
      pads: rule == "VALID" ? [0, 0, 0, 0, 0, 0] : lists[3] ?? [0, 0, 0, 0, 0, 0],
      groups: try context.int("group", default: 1))
  }

  private static func convTranspose(_ context: ImportContext) throws -> any Operator {
    let window = try context.windowAttributes()
    try checkKernel(window, context)
    return ConvTranspose(
      strides: window.strides, dilations: window.dilations, padding: window.padding,
      outputPadding: try context.spatial("output_padding", missing: 0) ?? Spatial(0, 0),
      outputShape: try context.spatial("output_shape"), groups: try context.int("group", default: 1))
  }

  /// The contrib operator of onnxruntime's optimised models: Conv, then an activation.
  private static func fusedConv(_ context: ImportContext) throws -> any Operator {
    let parameters = try context.floats("activation_params") ?? []
    let activation: any Operator
    switch (try context.string("activation", default: "Relu"), parameters.count) {
    case ("Relu", _): activation = Relu()
    case ("Sigmoid", _): activation = Sigmoid()
    case ("Tanh", _): activation = Tanh()
    case ("LeakyRelu", 1): activation = LeakyRelu(alpha: parameters[0])
    case ("Clip", 2): activation = Clip(minimum: parameters[0], maximum: parameters[1])
    case ("HardSigmoid", 2): activation = HardSigmoid(alpha: parameters[0], beta: parameters[1])
    case (let other, _): throw OperatorError("has the unsupported activation '\(other)'")
    }
    context.inputs = [context.emit(try conv(context), context.inputs)]
    return activation
  }

  /// Throws when kernel_shape and constant weights contradict each other.
  private static func checkKernel(_ window: WindowAttributes, _ context: ImportContext) throws {
    guard let kernel = window.kernel, let weights = context.constant(1)?.shape, (3...4).contains(weights.rank) else {
      return
    }
    guard kernel == Spatial(weights.rank == 3 ? 1 : weights[2], weights[-1]) else {
      throw OperatorError("has kernel_shape \(kernel) but weights of \(weights)")
    }
  }
}
