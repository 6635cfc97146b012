/// A pair of extents or steps over the spatial axes. One-dimensional operators have height 1.
package struct Spatial: Hashable, Sendable, CustomStringConvertible {
  /// Along the vertical axis, H.
  package var height: Int
  /// Along the horizontal axis, W.
  package var width: Int

  package init(_ height: Int, _ width: Int) { (self.height, self.width) = (height, width) }

  /// As in `3x3`.
  package var description: String { "\(height)x\(width)" }
}

/// Rows and columns added around a picture.
package struct Pads: Hashable, Sendable {
  package var top: Int, left: Int, bottom: Int, right: Int

  package init(top: Int, left: Int, bottom: Int, right: Int) {
    (self.top, self.left, self.bottom, self.right) = (top, left, bottom, right)
  }

  package static let none = Pads(top: 0, left: 0, bottom: 0, right: 0)
}

/// How a window's padding is given: ONNX `pads`, or `auto_pad`.
package enum Padding: Hashable, Sendable {
  case explicit(Pads)
  /// As much that the output is the input's extent over the stride, rounded up; the odd one at the end.
  case sameUpper
  /// The same, with the odd one at the beginning.
  case sameLower
  case valid
}

/// How a window slides over the spatial axes: shared by convolution and pooling.
package struct Window: Hashable, Sendable {
  /// The window's extent, before dilation.
  package var kernel: Spatial
  /// Steps between neighbouring outputs.
  package var strides: Spatial
  /// Steps between neighbouring taps of the window.
  package var dilations: Spatial
  package var padding: Padding
  /// True where a last window that is only partly inside still gives an output.
  package var ceilMode: Bool

  package init(
    kernel: Spatial, strides: Spatial = Spatial(1, 1), dilations: Spatial = Spatial(1, 1), padding: Padding = .valid,
    ceilMode: Bool = false
  ) {
    (self.kernel, self.strides, self.dilations) = (kernel, strides, dilations)
    (self.padding, self.ceilMode) = (padding, ceilMode)
  }

  /// The extent that the window covers: `(k - 1) * dilation + 1`.
  package var span: Spatial {
    Spatial((kernel.height - 1) * dilations.height + 1, (kernel.width - 1) * dilations.width + 1)
  }

  /// The padding in rows and columns for an input of this extent.
  package func resolvedPads(input: Spatial) -> Pads {
    let vertical = Window.samePads(input.height, span.height, strides.height)
    let horizontal = Window.samePads(input.width, span.width, strides.width)
    switch padding {
    case .explicit(let pads): return pads
    case .valid: return .none
    case .sameUpper:
      return Pads(
        top: vertical / 2, left: horizontal / 2, bottom: vertical - vertical / 2, right: horizontal - horizontal / 2)
    case .sameLower:
      return Pads(
        top: vertical - vertical / 2, left: horizontal - horizontal / 2, bottom: vertical / 2, right: horizontal / 2)
    }
  }

  /// The output's extent: `floor((in + pads - span) / stride) + 1`, or with `ceil`, where then the last window must still begin
  /// inside the input or the padding before it (ONNX operator specification, MaxPool). So with `ceil` a window may be larger than
  /// the padded input by less than a stride.
  /// Throws `OperatorError` when the window is larger still.
  package func output(input: Spatial) throws -> Spatial {
    let pads = resolvedPads(input: input)
    let height = outputExtent(input.height, pads.top, pads.bottom, span.height, strides.height)
    let width = outputExtent(input.width, pads.left, pads.right, span.width, strides.width)
    guard height > 0, width > 0 else {
      throw OperatorError("has a window of \(span) that does not fit into its padded input of \(input)")
    }
    return Spatial(height, width)
  }

  private func outputExtent(_ input: Int, _ before: Int, _ after: Int, _ span: Int, _ stride: Int) -> Int {
    switch padding {
    case .sameUpper, .sameLower: return (input + stride - 1) / stride
    case .valid, .explicit: break
    }
    let room = input + before + after - span
    guard ceilMode else { return room >= 0 ? room / stride + 1 : 0 }
    // Swift divides towards zero, which rounds a negative quotient up.
    let ceiling = (room > 0 ? (room + stride - 1) / stride : room / stride) + 1
    return ceiling > 0 && (ceiling - 1) * stride >= input + before ? ceiling - 1 : ceiling
  }

  private static func samePads(_ input: Int, _ span: Int, _ stride: Int) -> Int {
    max(((input + stride - 1) / stride - 1) * stride + span - input, 0)
  }

  /// Throws `OperatorError` unless all steps are positive and no padding is negative.
  package func check() throws {
    let steps = [kernel, strides, dilations]
    guard steps.allSatisfy({ (1...Window.limit).contains($0.height) && (1...Window.limit).contains($0.width) }) else {
      throw OperatorError("has a kernel, stride or dilation outside 1 to \(Window.limit)")
    }
    if case .explicit(let pads) = padding {
      guard [pads.top, pads.left, pads.bottom, pads.right].allSatisfy({ (0...Window.limit).contains($0) }) else {
        throw OperatorError("has padding outside 0 to \(Window.limit)")
      }
    }
  }

  /// No extent, step or padding of a real network comes near this.
  private static let limit = 1 << 16
}
