import Foundation
import Testing

@testable import Explanations

/// A map with these values.
private func map(_ width: Int, _ values: [Float]) -> SaliencyMap {
  let map = SaliencyMap(height: values.count / width, width: width)
  for (i, value) in values.enumerated() { map.values[i] = value }
  return map
}

@Suite struct ShownMapTests {
  @Test func aMapAloneSpansItsRange() {
    let shown = ShownMap(height: 2, width: 2, isSigned: false)
    shown.show(map(2, [1, 2, 3, 5]), after: nil)
    #expect(Array(shown.values) == [0, 0.25, 0.5, 1])
    let signed = ShownMap(height: 2, width: 2, isSigned: true)
    signed.show(map(2, [-4, -1, 1, 2]), after: nil)
    #expect(Array(signed.values) == [0, 0, 0.5, 1])
  }

  @Test func evenAndBrokenMapsShowNothing() {
    let shown = ShownMap(height: 2, width: 2, isSigned: false)
    shown.show(map(2, [3, 3, 3, 3]), after: nil)
    #expect(Array(shown.values) == [0, 0, 0, 0])
    shown.show(map(2, [.nan, .infinity, 0, 1]), after: nil)
    #expect(shown.values.allSatisfy { $0.isFinite && (0...1).contains($0) })
    shown.show(map(2, [.nan, .nan, .nan, .nan]), after: nil)
    #expect(shown.values.allSatisfy { $0.isFinite })
  }

  /// One bright spot does not darken everything else.
  @Test func exceptionsAreClipped() {
    var steadiness = Steadiness()
    steadiness.clipped = 0.02
    let shown = ShownMap(height: 10, width: 10, isSigned: false, steadiness: steadiness)
    var values = (0..<100).map { Float($0) / 100 }
    values[3] = 2
    shown.show(map(10, values), after: nil)
    #expect(shown.values[3] == 1 && shown.values[98] > 0.98)
  }

  @Test func theHottestAreaIsConnected() {
    let shown = ShownMap(height: 4, width: 5, isSigned: false)
    shown.show(
      map(
        5,
        [
          0, 0, 0, 0, 0,
          0, 6, 9, 0, 8,
          0, 0, 5, 0, 0,
          7, 0, 4, 0, 0,
        ]), after: nil)
    #expect(shown.peak! == (0.5, 0.375))
    #expect(shown.box! == (0.2, 0.25, 0.4, 0.5))
  }

  /// No corner is marked where nothing stands out, also while what was shown before fades.
  @Test func emptyMapsHaveNoPeak() {
    let shown = ShownMap(height: 1, width: 3, isSigned: false, steadiness: .video)
    for empty in [[0, 0, 0], [2, 2, 2], [.nan, .nan, .nan]] as [[Float]] {
      shown.show(map(3, [0, 1, 0]), after: nil)
      #expect(!shown.isEmpty)
      shown.show(map(3, empty), after: 0.04)
      #expect(shown.isEmpty && shown.peak == nil && shown.box == nil, "\(empty)")
    }
    let signed = ShownMap(height: 1, width: 2, isSigned: true)
    signed.show(map(2, [-1, -2]), after: nil)
    #expect(signed.isEmpty)
  }

  /// After one half-life the map is half-way, after two three quarters.
  @Test func mapsFollowByTheirHalfLife() {
    var steadiness = Steadiness()
    (steadiness.mapHalfLife, steadiness.clipped) = (0.5, 0)
    let shown = ShownMap(height: 1, width: 3, isSigned: false, steadiness: steadiness)
    shown.show(map(3, [0, 1, 0]), after: nil)
    shown.show(map(3, [0, 0, 1]), after: 0.5)
    #expect(abs(shown.values[1] - 0.5) < 1e-5 && abs(shown.values[2] - 0.5) < 1e-5)
    shown.show(map(3, [0, 0, 1]), after: 0.5)
    #expect(abs(shown.values[1] - 0.25) < 1e-5)
    // A new scene starts afresh.
    shown.show(map(3, [1, 0, 0]), after: nil)
    #expect(Array(shown.values) == [1, 0, 0])
  }

  /// A flash does not make everything else flicker: the range follows slowly.
  @Test func theRangeFollowsSlowly() {
    var steadiness = Steadiness()
    (steadiness.rangeHalfLife, steadiness.clipped) = (1, 0)
    let shown = ShownMap(height: 1, width: 2, isSigned: false, steadiness: steadiness)
    shown.show(map(2, [0, 1]), after: nil)
    shown.show(map(2, [0, 2]), after: 0.04)
    #expect(shown.values[1] == 1)
    shown.show(map(2, [0, 1]), after: 0.04)
    #expect(shown.values[1] > 0.94 && shown.values[1] < 1)
  }

  @Test func aTargetIsHeldWhileAnotherTakesTurns() {
    var held = TargetHysteresis(frames: 3)
    #expect([4, 4, 7, 4, 7, 7, 4, 7, 7, 7, 4].map { held.hold($0) } == [4, 4, 4, 4, 4, 4, 4, 4, 4, 7, 7])
    var free = TargetHysteresis(frames: 0)
    #expect([4, 7, 4].map { free.hold($0) } == [4, 7, 4])
  }

  @Test(arguments: [0, 1, 15, 16, 17, 100]) func dotProductsAndSumsAreThoseOfALoop(count: Int) {
    let a = (0..<count).map { Float($0 % 7) - 2.5 }
    let b = (0..<count).map { Float($0 % 5) + 0.25 }
    #expect(abs(dot(a, b, count) - zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }) < 1e-3)
    #expect(abs(Explanations.sum(a, count) - a.reduce(0, +)) < 1e-3)
  }

  @Test func enlargingKeepsCentresAndEdges() {
    let resize = BilinearResize(height: 2, width: 2, toHeight: 4, toWidth: 4)
    var target = [Float](repeating: 0, count: 16)
    resize.resize([0, 4, 8, 12], into: &target)
    #expect(target[0] == 0 && target[3] == 4 && target[12] == 8 && target[15] == 12)
    #expect(target[1] == 1 && target[2] == 3 && target[4] == 2)
  }
}
