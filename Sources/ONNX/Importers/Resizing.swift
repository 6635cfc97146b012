import Inference
import Tensors

extension ImporterTable {
  /// Resize and its predecessor Upsample.
  static let resizing: [String: ImporterEntry] = [
    "Resize": entry(1...4, resize),
    "Upsample": entry(1...2, upsample),
  ]

  private static func resize(_ context: ImportContext) throws -> any Operator {
    guard context.opset >= 11 else {
      try context.expectInputs(2...2)
      return try simpleResize(context)
    }
    var resize = Resize()
    resize.mode = try named(context, "mode", resize.mode)
    resize.coordinates = try coordinates(context)
    resize.nearest = try named(context, "nearest_mode", resize.nearest)
    resize.cubicCoefficient = try context.float("cubic_coeff_a", default: resize.cubicCoefficient)
    resize.excludesOutside = try context.flag("exclude_outside")
    resize.antialias = try context.flag("antialias") && resize.mode != .nearest
    resize.policy = try named(context, "keep_aspect_ratio_policy", resize.policy)
    resize.axes = try context.ints("axes")
    // Only tf_crop_and_resize reads it.
    _ = try context.float("extrapolation_value")
    return resize
  }

  /// Upsample, whose scales were an attribute until opset 9.
  private static func upsample(_ context: ImportContext) throws -> any Operator {
    if context.opset < 9 {
      let scales = try required(context.floats("scales"), "scales")
      context.setInput(1, Tensor(scales, [scales.count]))
    }
    try context.expectInputs(2...2)
    return try simpleResize(context)
  }

  /// Before opset 11: inputs X and scales, positions x / scale.
  private static func simpleResize(_ context: ImportContext) throws -> any Operator {
    var resize = Resize()
    switch try context.string("mode", default: "nearest") {
    case "nearest": resize.mode = .nearest
    case "linear", "bilinear": resize.mode = .linear
    case let other: throw OperatorError("has the unknown mode '\(other)'")
    }
    resize.coordinates = .asymmetric
    resize.nearest = .simple
    context.inputs = [context.inputs[0], nil, context.inputs[1]]
    return resize
  }

  private static func coordinates(_ context: ImportContext) throws -> CoordinateRule {
    let name = "coordinate_transformation_mode"
    if try context.string(name) == "tf_crop_and_resize" {
      throw OperatorError("cuts a region out (tf_crop_and_resize), which is not supported; export it with half_pixel")
    }
    return try named(context, name, CoordinateRule.halfPixel)
  }

  /// A string attribute that names a case of `T`.
  private static func named<T: RawRepresentable<String>>(
    _ context: ImportContext, _ name: String, _ fallback: T
  ) throws -> T {
    let text = try context.string(name, default: fallback.rawValue)
    guard let value = T(rawValue: text) else { throw OperatorError("has the unknown \(name) '\(text)'") }
    return value
  }
}
