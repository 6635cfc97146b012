import Inference

/// The attributes that Conv, ConvTranspose and the pools share, for one or two spatial axes.
struct WindowAttributes {
  var kernel: Spatial?
  var strides: Spatial, dilations: Spatial
  var padding: Padding
}

extension ImportContext {
  /// Reads kernel_shape, strides, dilations, auto_pad and pads.
  func windowAttributes() throws -> WindowAttributes {
    WindowAttributes(
      kernel: try spatial("kernel_shape"), strides: try spatial("strides") ?? Spatial(1, 1),
      dilations: try spatial("dilations") ?? Spatial(1, 1), padding: try padding())
  }

  /// One or two numbers as height (1 where there is one) and width; nil when absent.
  func spatial(_ name: String, missing: Int = 1) throws -> Spatial? {
    guard let numbers = try ints(name), !numbers.isEmpty else { return nil }
    switch numbers.count {
    case 1: return Spatial(missing, numbers[0])
    case 2: return Spatial(numbers[0], numbers[1])
    default: throw OperatorError("works on \(numbers.count) spatial axes ('\(name)'); 1 or 2 are supported")
    }
  }

  private func padding() throws -> Padding {
    let pads = try ints("pads") ?? []
    switch try string("auto_pad", default: "NOTSET") {
    case "NOTSET", "": break
    case "VALID": return .valid
    case "SAME_UPPER": return .sameUpper
    case "SAME_LOWER": return .sameLower
    case let other: throw OperatorError("has the unknown auto_pad '\(other)'")
    }
    // All the beginnings come first, then all the ends.
    switch pads.count {
    case 0: return .explicit(.none)
    case 2: return .explicit(Pads(top: 0, left: pads[0], bottom: 0, right: pads[1]))
    case 4: return .explicit(Pads(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3]))
    default: throw OperatorError("has \(pads.count) pads; 2 or 4 are supported")
    }
  }
}
