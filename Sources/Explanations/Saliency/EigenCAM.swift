/// Eigen-CAM: Muhammad and Yeasin 2020, equation 3: the projection of each position's channels on their first principal
/// component. The channels are centred first, without which the first component is mostly their mean; the sign, which a
/// component does not have, is the one with which strong positions are positive.
final class EigenCAM: SaliencyMethod {
  static let info = MethodInfo(
    "eigen-cam", "Eigen-CAM", "the first principal component of a layer's channels, whatever the class",
    paper: "Muhammad and Yeasin 2020, eq. 3", needs: .activations, cost: "1", isSigned: true)

  private let component: FloatBuffer, means: FloatBuffer
  private static let rounds = 300

  init(_ setup: MethodSetup) throws {
    (component, means) = (FloatBuffer(setup.channels), FloatBuffer(setup.channels))
  }

  func map(_ run: NetworkRun, layer: Int, into map: SaliencyMap) throws {
    let features = run.activations(layer)
    for k in 0..<features.channels {
      means[k] = features.sum(k) / Float(features.area)
      component[k] = spread(features, k)
    }
    var length = normalise(features.channels)
    // Power iteration with Xᵀ X, X the centred positions x channels.
    for _ in 0..<Self.rounds where length > 0 {
      project(features, into: map)
      for k in 0..<features.channels { component[k] = dot(features.channel(k), map.start, features.area) }
      let next = normalise(features.channels)
      if abs(next - length) <= 1e-7 * next { break }
      length = next
    }
    project(features, into: map)
    let (low, high) = map.range
    if -low > high { for i in map.values.indices { map.values[i] = -map.values[i] } }
  }

  private func project(_ features: Features, into map: SaliencyMap) {
    map.sum(features, weights: component)
    var offset: Float = 0
    for k in 0..<features.channels { offset += means[k] * component[k] }
    for i in map.values.indices { map.values[i] -= offset }
  }

  /// The root of a channel's variance, times its area: where the iteration starts.
  private func spread(_ features: Features, _ k: Int) -> Float {
    var sum: Float = 0
    let channel = features.channel(k)
    for i in 0..<features.area { sum += (channel[i] - means[k]) * (channel[i] - means[k]) }
    return sum.squareRoot()
  }

  /// Scales the component to length 1; returns the length that it had.
  private func normalise(_ count: Int) -> Float {
    var sum = 0.0
    for k in 0..<count { sum += Double(component[k]) * Double(component[k]) }
    let length = Float(sum.squareRoot())
    guard length > 0 else { return 0 }
    for k in 0..<count { component[k] /= length }
    return length
  }
}
