/// What a method needs of the network.
package struct MethodNeeds: OptionSet, Hashable, Sendable {
  package let rawValue: Int

  package init(rawValue: Int) { self.rawValue = rawValue }

  /// The values of a layer that has positions.
  package static let activations = MethodNeeds(rawValue: 1)
  package static let gradients = MethodNeeds(rawValue: 2)
  /// Further runs of the network on changed pictures.
  package static let runs = MethodNeeds(rawValue: 4)

  /// In words, for tables.
  package var words: String {
    var words: [String] = []
    if contains(.activations) { words.append("activations") }
    if contains(.gradients) { words.append("gradients") }
    if contains(.runs) { words.append("runs") }
    return words.joined(separator: ", ")
  }
}

/// What there is to say about a method: its line in every table.
package struct MethodInfo: Sendable {
  /// What users write, as in `grad-cam`.
  package let name: String
  /// What people call it, as in "Grad-CAM".
  package let title: String
  /// One line in lower case, without a period.
  package let summary: String
  /// Authors, year and the equation.
  package let paper: String
  package let needs: MethodNeeds
  /// What it costs in forward passes, the first one included; N samples, P patches, M masks, C channels.
  package let cost: String
  /// A map has negative values where the place spoke against the target.
  package let isSigned: Bool
  /// A map tells single pixels of the input apart.
  package let isFine: Bool

  package init(
    _ name: String, _ title: String, _ summary: String, paper: String, needs: MethodNeeds, cost: String,
    isSigned: Bool = false, isFine: Bool = false
  ) {
    (self.name, self.title, self.summary, self.paper) = (name, title, summary, paper)
    (self.needs, self.cost, self.isSigned) = (needs, cost, isSigned)
    self.isFine = isFine
  }

  /// It looks at a layer that has positions.
  package var looksAtLayer: Bool { needs.contains(.activations) }

  /// It needs no further run of the network: a map takes little more than the picture's own pass.
  package var isQuick: Bool { !needs.contains(.runs) }
}

/// A way to say which places of a picture mattered.
///
/// Made once for a network: what it captures is declared and its buffers are allocated in `init`; `map` allocates nothing.
package protocol SaliencyMethod: AnyObject {
  static var info: MethodInfo { get }
  /// Declares what is captured. Throws for a network that the method cannot explain.
  init(_ setup: MethodSetup) throws
  /// Fills a map after the network has run on the picture.
  /// - Parameters:
  ///   - layer: which of the layers that were chosen; 0 for methods of the input.
  ///   - map: of the layer's size, or of the input's.
  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws
  /// What there is to say about the latest map, as a sentence without a period; nil for nothing.
  var note: String? { get }
}

extension SaliencyMethod {
  package var note: String? { nil }
}

/// What an occluding patch is filled with.
package enum PatchFill: String, Sendable, CaseIterable {
  /// The mean of each of the picture's planes.
  case mean
  /// The picture, blurred beyond recognition.
  case blur
  /// Noise with the mean and the variance of each plane.
  case noise
}

/// The parameters of methods that the user may set.
package struct MethodOptions: Hashable, Sendable {
  /// Pictures that SmoothGrad, VarGrad and Integrated Gradients look at.
  package var samples = 32
  /// The standard deviation of SmoothGrad's and VarGrad's noise, as a share of the input's range.
  package var noise: Float = 0.15
  package var masks = 1000
  package var cells = 7
  /// The side of the occluding patch in pixels of the input; nil: a seventh of the shorter side.
  package var patch: Int?
  /// How far the patch moves; nil: a quarter of its side.
  package var stride: Int?
  package var fill = PatchFill.mean
  package var epsilon: Float = 1e-4
  /// Where random numbers start.
  package var seed = 1

  package init() {}
}
