import Tensors

/// Where the positions of an operator's output come from, for receptive fields.
package enum PositionSource: Sendable {
  /// From the same position of the inputs where rows and columns stay as many, else from all positions.
  case sameExtents
  /// From the same position.
  case same
  /// From all positions.
  case all
  /// From between positions of the input where rows and columns do not stay as many: no one window tells what is seen.
  case between
}

/// How a change of some positions of an operator's inputs reaches its output.
package enum Locality: Sendable {
  /// Each output position depends on a window of the only map that is read. What lies outside the map has the value `padding`.
  case window(Window, padding: Float)
  /// Each output position depends on the same position of the inputs.
  case pointwise
  /// Each output position may depend on all positions.
  case everything
}

/// What is known of an operator on maps [N, C, H, W]. An operator states what differs from the defaults in its own file.
///
/// Shapes of inputs come in the order of the inputs, without axes for an optional one that is absent.
package protocol PositionFacts {
  /// How it slides over its first input; nil for operators that do not.
  func window(_ inputs: [Shape]) -> Window?

  /// How it slides when the padding has been added to its input already.
  func withoutPadding() -> Self

  /// How changes spread, when all inputs that are not constant are maps of the output's extents or there is one with a window.
  /// - Parameter constants: the shapes of the constant inputs.
  func locality(_ inputs: [Shape], constants: [Shape]) -> Locality

  var positionSource: PositionSource { get }

  /// True when positions of the output have another order or meaning than those of the input.
  var rearrangesPositions: Bool { get }

  /// True when each channel of the output is a function of the same channel of the input, the same for all channels.
  var isChannelwise: Bool { get }
}

extension PositionFacts {
  package func window(_ inputs: [Shape]) -> Window? { nil }
  package func withoutPadding() -> Self { self }
  package func locality(_ inputs: [Shape], constants: [Shape]) -> Locality { .everything }
  package var positionSource: PositionSource { .sameExtents }
  package var rearrangesPositions: Bool { false }
  package var isChannelwise: Bool { false }
}

extension Locality {
  /// Of an operator on single elements: a constant must not differ from position to position.
  static func elementwise(constants: [Shape]) -> Locality {
    let areSameEverywhere = constants.allSatisfy { shape in
      shape.count <= 1 || (shape.rank >= 2 && shape[-1] == 1 && shape[-2] == 1)
    }
    return areSameEverywhere ? .pointwise : .everything
  }
}

/// An operator that cuts off, or adds, rows and columns.
protocol ShiftsPositions: Operator {
  /// For each axis that it cuts or pads, how many elements come before the first one, negative where some are cut off, and the step
  /// from one to the next; `shift` is nil where that cannot be said.
  /// - Parameter constants: the node's inputs, where they are constant.
  /// - Returns: nil when the axes are not known.
  func shifts(_ constants: [Tensor?], rank: Int) -> [(axis: Int, shift: (pad: Int, step: Int)?)]?
}
