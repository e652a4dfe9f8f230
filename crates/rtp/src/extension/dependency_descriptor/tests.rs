use proptest::prelude::*;

use super::bits::BitWriter;
use super::*;
use crate::ParseError;

/// L2T2 with two chains, as bits from the specification's syntax (A.8), field by field.
fn key_frame() -> Vec<u8> {
    let mut out = vec![0x80 | 5, 0x12, 0x34];
    let mut writer = BitWriter::new(&mut out);
    let fields: [(u32, u32); 5] = [(0b10000, 5), (5, 6), (2 - 1, 5), (0b01_10_11, 6), (0, 0)];
    fields.iter().for_each(|(value, count)| writer.bits(*value, *count));
    // Three templates: layers (0,0), (0,1), (1,0); two decode targets each.
    for indications in [0b10_10_u32, 0b00_01, 0b00_11] {
        writer.bits(indications, 4);
    }
    // None; one of 1; two of 1 and 16.
    writer.bits(0_u8, 1);
    [(1_u8, 1), (0, 4), (0, 1)].iter().for_each(|(value, count)| writer.bits(*value, *count));
    let two = [(1_u8, 1), (0, 4), (1, 1), (15, 4), (0, 1)];
    two.iter().for_each(|(value, count)| writer.bits(*value, *count));
    writer.non_symmetric(2, 3);
    writer.non_symmetric(0, 3);
    writer.non_symmetric(2, 3);
    for diff in [0_u8, 0, 1, 2, 3, 15] {
        writer.bits(diff, 4);
    }
    writer.bits(1_u8, 1);
    for size in [319_u16, 179, 639, 359] {
        writer.bits(size, 16);
    }
    out
}

fn structure() -> TemplateStructure {
    DependencyDescriptor::parse(&key_frame(), None).unwrap().structure.unwrap()
}

fn written(descriptor: &DependencyDescriptor, known: Option<&TemplateStructure>) -> Vec<u8> {
    let mut out = Vec::new();
    descriptor.write(known, &mut out);
    out
}

#[test]
fn a_key_frame_brings_the_structure() {
    let descriptor = DependencyDescriptor::parse(&key_frame(), None).unwrap();
    let expected =
        Mandatory { first_packet: true, last_packet: false, template_id: 5, frame_number: 0x1234 };
    assert_eq!(descriptor.mandatory, expected);
    let structure = descriptor.structure.as_ref().unwrap();
    assert_eq!((structure.decode_targets(), structure.chains()), (2, 2));
    assert_eq!((structure.protected_by(0), structure.protected_by(1)), (Some(0), None));
    let layers: Vec<_> =
        structure.templates().iter().map(|t| (t.spatial_id, t.temporal_id)).collect();
    assert_eq!(layers, [(0, 0), (0, 1), (1, 0)]);
    let last = structure.template(7).unwrap();
    assert_eq!(format!("{:?}", last.indications), "-R");
    assert_eq!((&last.frame_diffs[..], &last.chain_diffs[..]), (&[1, 16][..], &[3, 15][..]));
    let size = Resolution { width_minus_1: 639, height_minus_1: 359 };
    assert_eq!((structure.resolution(1), structure.resolution(2)), (Some(size), None));
    assert_eq!(descriptor.frame.as_ref(), structure.template(5));
    assert_eq!(written(&descriptor, None), key_frame());
}

#[test]
fn three_bytes_refer_to_a_template() {
    let known = structure();
    let descriptor = DependencyDescriptor::parse(&[0xc6, 0, 1], Some(&known)).unwrap();
    assert_eq!(descriptor.frame.as_ref(), known.template(6));
    assert_eq!(written(&descriptor, Some(&known)), [0xc6, 0, 1]);
    let unknown = DependencyDescriptor::parse(&[0xc6, 0, 1], None).unwrap();
    assert_eq!(unknown.frame, None);
    let beyond = DependencyDescriptor::parse(&[0xc8, 0, 1], Some(&known));
    assert_eq!(beyond, Err(ParseError::Forbidden(8)));
}

#[test]
fn a_frame_says_what_differs_from_its_template() {
    let known = structure();
    let mut descriptor = DependencyDescriptor::parse(&[0xc7, 0, 1], Some(&known)).unwrap();
    descriptor.active_decode_targets = Some(0b01);
    let frame = descriptor.frame.as_mut().unwrap();
    frame.indications = Indications::new([Indication::Required, Indication::Switch]);
    frame.frame_diffs = vec![16, 17, 256, 257, 4096];
    frame.chain_diffs = vec![200, 0];
    let bytes = written(&descriptor, Some(&known));
    assert_eq!(bytes[3] >> 3, 0b01111);
    assert_eq!(DependencyDescriptor::parse(&bytes, Some(&known)), Ok(descriptor));
}

#[test]
fn truncations_and_bit_flips_are_harmless() {
    let (known, bytes) = (structure(), key_frame());
    for len in 0..bytes.len() {
        let found = DependencyDescriptor::parse(&bytes[..len], None);
        assert_eq!(found.is_ok(), len == 3, "{len}");
    }
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let _ = DependencyDescriptor::parse(&flipped, Some(&known));
    }
}

#[test]
fn structures_have_bounds() {
    // 65 templates of one layer; nine temporal layers; five spatial ones.
    for (step, count) in [(0_u8, 64), (1, 8), (2, 4)] {
        let mut out = vec![0; 3];
        let mut writer = BitWriter::new(&mut out);
        writer.bits(0x8000_u16, 16);
        (0..count).for_each(|_| writer.bits(step, 2));
        writer.bits(3_u8, 2);
        out.extend([0; 400]);
        let found = DependencyDescriptor::parse(&out, None);
        assert!(matches!(found, Err(ParseError::Forbidden(_))), "{step}");
    }
}

proptest! {
    /// Whatever is read is written to be read alike, with and without a structure.
    #[test]
    fn any_bytes_are_harmless(mut bytes in prop::collection::vec(any::<u8>(), 0..120), fix in any::<bool>()) {
        let known = structure();
        if fix && bytes.len() > 4 {
            (bytes[0], bytes[3], bytes[4]) = (5, bytes[3] & 7 | 0x80, 0xa0);
        }
        for known in [None, Some(&known)] {
            if let Ok(value) = DependencyDescriptor::parse(&bytes, known) {
                let again = DependencyDescriptor::parse(&written(&value, known), known);
                prop_assert_eq!(again, Ok(value));
            }
        }
    }
}
